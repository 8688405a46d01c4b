// node serve-page.mjs --certificate FILE --key FILE --settings JSON [--port N]: the viewer page over HTTPS, with the given viewer.json.
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseArguments } from './support.mjs';

const options = parseArguments({ certificate: '', key: '', settings: '{}', port: 8443, pages: fileURLToPath(new URL('../../../agent/viewer/dist', import.meta.url)) });
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; connect-src 'self' wss:; base-uri 'none'";

https.createServer({ cert: readFileSync(options.certificate), key: readFileSync(options.key) }, async (request, response) => {
  const name = basename(new URL(request.url, 'https://page').pathname) || 'index.html';
  try {
    const content = name === 'viewer.json' ? options.settings : await readFile(join(options.pages, name));
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream', 'content-security-policy': csp, 'content-encoding': 'gzip', 'cache-control': 'no-store' }).end(gzipSync(content));
  } catch {
    response.writeHead(404).end();
  }
}).listen(options.port);
