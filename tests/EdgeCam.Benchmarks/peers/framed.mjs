// Pictures from standard input: each a length (32 bits, big-endian) and that many bytes, an access unit in Annex B. None waits for the next.
// A picture comes in pieces of the pipe's size: they are put where the whole picture will be, so each byte is copied once.
export function readPictures(onPicture, onEnd) {
  const header = Buffer.alloc(4);
  let target = header;
  let filled = 0;
  process.stdin.on('end', onEnd).on('data', (piece) => {
    for (let at = 0; at < piece.length;) {
      const taken = piece.copy(target, filled, at);
      at += taken;
      filled += taken;
      if (filled < target.length) continue;
      filled = 0;
      if (target === header) {
        target = Buffer.allocUnsafe(header.readUInt32BE());
      } else {
        const picture = target;
        target = header;
        onPicture(picture);
      }
    }
  });
}
