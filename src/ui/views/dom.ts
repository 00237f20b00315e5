type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Node | string | undefined;

/** Makes an element; attributes that are undefined or false are left out, true is an empty one. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export function button(words: string, classes: string, onClick: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button', class: classes }, words);
  made.addEventListener('click', onClick);
  return made;
}

/** A 1 px line drawing in the text's colour. */
export function icon(width: number, height: number, path: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  for (const [name, value] of Object.entries({ width, height, fill: 'none', 'aria-hidden': 'true' }))
    svg.setAttribute(name, String(value));
  for (const [name, value] of Object.entries({ d: path, stroke: 'currentColor' }))
    line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

/** Writes text only where it changed: screen readers and the layout are left in peace otherwise. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export interface View {
  readonly element: HTMLElement;
  render(state: import('../state.ts').State): void;
}
