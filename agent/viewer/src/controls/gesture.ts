/** What a pointer does on an element from press to release. */
export interface Gesture {
  /** False: not now. */
  start(event: PointerEvent): boolean;
  move(event: PointerEvent): void;
  /** Comes once to each start, however it ended. */
  end(): void;
}

/**
 * One pointer (mouse, touch or pen) at a time, captured, so that it may leave the element. Release, cancellation by the browser and a
 * lost capture are all ends; the function that is returned ends it too.
 */
export function watchGesture(element: HTMLElement, gesture: Gesture): () => void {
  let pointer: number | null = null;
  const end = (): void => {
    if (pointer === null) return;
    const id = pointer;
    pointer = null;
    if (element.hasPointerCapture(id)) element.releasePointerCapture(id);
    gesture.end();
  };
  element.addEventListener('pointerdown', (event) => {
    if (pointer !== null || event.button !== 0 || !gesture.start(event)) return;
    pointer = event.pointerId;
    try {
      element.setPointerCapture(pointer);
    } catch {
      return end(); // it is up already
    }

    gesture.move(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    if (event.pointerType === 'mouse' && event.buttons === 0) end(); // the release went to nobody
    else gesture.move(event);
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
    element.addEventListener(name, (event) => { if (event.pointerId === pointer) end(); });
  element.addEventListener('contextmenu', (event) => event.preventDefault()); // a long press is a press
  return end;
}

/** A button that acts for as long as it is held, by pointer or by Space and Enter. */
export function holdable(button: HTMLButtonElement, press: () => void, release: () => void): () => void {
  let isKeyDown = false;
  const endKey = (): void => {
    if (!isKeyDown) return;
    isKeyDown = false;
    release();
  };
  const start = (): boolean => {
    if (!button.disabled) press();
    return !button.disabled;
  };
  const endGesture = watchGesture(button, { start, move: () => {}, end: release });
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (event.repeat || isKeyDown) return;
    isKeyDown = true;
    press();
  });
  button.addEventListener('keyup', (event) => { if (event.key === ' ' || event.key === 'Enter') endKey(); });
  button.addEventListener('blur', endKey);
  return () => {
    endKey();
    endGesture();
  };
}
