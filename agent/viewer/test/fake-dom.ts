/** As much of an element as views touch; nothing is laid out, drawn or parsed. */
export class FakeElement extends EventTarget {
  readonly localName: string;
  readonly attributes = new Map<string, string>();
  readonly dataset: Record<string, string> = {};
  readonly style = { setProperty: (): void => {} };
  readonly classList = { add: (): void => {}, remove: (): void => {}, toggle: (): void => {} };
  parent: FakeElement | null = null;
  hidden = false;
  disabled = false;
  title = '';
  value = '';
  innerHTML = '';
  onclick: (() => void) | null = null;
  onblur: (() => void) | null = null;
  #nodes: (FakeElement | string)[] = [];
  readonly #found = new Map<string, FakeElement>();

  constructor(localName: string) {
    super();
    this.localName = localName;
  }

  get children(): FakeElement[] {
    return this.#nodes.filter((node) => node instanceof FakeElement);
  }

  get lastElementChild(): FakeElement | null {
    return this.children.at(-1) ?? null;
  }

  get textContent(): string {
    return this.#nodes.map((node) => (typeof node === 'string' ? node : node.textContent)).join('');
  }

  set textContent(text: string) {
    this.#nodes = text === '' ? [] : [text];
  }

  append(...nodes: (FakeElement | string)[]): void {
    for (const node of nodes) if (node instanceof FakeElement) node.parent = this;
    this.#nodes.push(...nodes);
  }

  insertBefore(node: FakeElement, before: FakeElement | null): void {
    node.remove();
    node.parent = this;
    this.#nodes.splice(before === null ? this.#nodes.length : this.#nodes.indexOf(before), 0, node);
  }

  replaceChildren(...nodes: (FakeElement | string)[]): void {
    this.#nodes = [];
    this.append(...nodes);
  }

  remove(): void {
    if (this.parent !== null) this.parent.#nodes = this.parent.#nodes.filter((node) => node !== this);
    this.parent = null;
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
    if (name === 'hidden') this.hidden = true;
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  toggleAttribute(name: string, on: boolean): void {
    if (on) this.attributes.set(name, '');
    else this.attributes.delete(name);
  }

  /** Of an element whose content is a text, what it is asked for: one each. */
  querySelector(selector: string): FakeElement {
    const found = this.#found.get(selector) ?? new FakeElement(selector);
    this.#found.set(selector, found);
    return found;
  }

  focus(): void {
    fakeDocument.activeElement = this;
  }

  hasPointerCapture(): boolean {
    return false;
  }

  /** Itself and all below it. */
  *all(): Iterable<FakeElement> {
    yield this;
    for (const child of this.children) yield* child.all();
  }
}

class FakeDocument extends EventTarget {
  hidden = false;
  activeElement: FakeElement | null = null;

  createElement(name: string): FakeElement {
    return new FakeElement(name);
  }

  createElementNS(_: string, name: string): FakeElement {
    return new FakeElement(name);
  }
}

export const fakeDocument = new FakeDocument();

/** A page, for what is imported after it. */
export function makePage(): void {
  const page = new EventTarget();
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: {} });
  Object.assign(globalThis, {
    document: fakeDocument,
    HTMLElement: FakeElement,
    HTMLButtonElement: FakeElement,
    CSSStyleSheet: class {
      replaceSync(): void {}
    },
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  });
}
