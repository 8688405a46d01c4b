/** Makes an element. Attributes as text; true sets an empty one, false none. No style attribute: the page's policy forbids them. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Readonly<Record<string, string | boolean>> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  element.append(...children);
  return element;
}

export function makeButton(className: string, label: string, drawing: IconName | null, words: string | null, act: () => void): HTMLButtonElement {
  const button = make('button', { type: 'button', class: className, ...(words === label ? {} : { 'aria-label': label, title: label }) });
  if (drawing !== null) button.append(icon(drawing));
  if (words !== null) button.append(make('span', {}, words));
  button.onclick = act;
  return button;
}

/** Only where it differs: a live region speaks at each change, and a selection ends. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string | boolean): void {
  if (value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== (value === true ? '' : value)) element.setAttribute(name, value === true ? '' : value);
}

/** Puts children into an order without touching those that stand right: what has the focus keeps it. */
export function arrange(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}

const drawings = {
  home: '<path d="M4 11.5 12 5l8 6.5M6.5 10v9h11v-9"/>',
  more: '<circle cx="5.5" cy="12" r="1.2"/><circle cx="12" cy="12" r="1.2"/><circle cx="18.5" cy="12" r="1.2"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  minus: '<path d="M5 12h14"/>',
  pin: '<path d="M12 21s6.5-5.6 6.5-11a6.5 6.5 0 0 0-13 0c0 5.4 6.5 11 6.5 11z"/><circle cx="12" cy="10" r="2.3"/>',
  lock: '<rect x="5.5" y="10.5" width="13" height="9" rx="2"/><path d="M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>',
  person: '<circle cx="12" cy="8" r="3.5"/><path d="M5 20c.6-4 3.3-6 7-6s6.4 2 7 6"/>',
  warning: '<path d="M12 4.5 3.5 19h17zM12 10v4.5M12 17v.2"/>',
  away: '<path d="M4 9.5a12 12 0 0 1 16 0M7 13a7.5 7.5 0 0 1 10 0M12 17.5v.1M4 4l16 16"/>',
  clock: '<circle cx="12" cy="12" r="7.5"/><path d="M12 8v4.5l3 1.5"/>',
  view: '<path d="M4 8.5A1.5 1.5 0 0 1 5.5 7h13A1.5 1.5 0 0 1 20 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 15.5z"/><path d="m4.5 15.5 4-4 3 3 3.5-3.5 4.5 4.5"/>',
  chevron: '<path d="m6 15 6-6 6 6"/>',
  pad: '<path d="M7.5 7.5h9a5 5 0 0 1 4.7 6.5l-.6 1.8a2.3 2.3 0 0 1-4.1.6L15 14.5H9l-1.5 1.9a2.3 2.3 0 0 1-4.1-.6L2.8 14a5 5 0 0 1 4.7-6.5zM8 9.8v2.4M6.8 11h2.4M15.5 11h.1"/>',
} as const;

export type IconName = keyof typeof drawings;

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.innerHTML = drawings[name];
  return svg;
}
