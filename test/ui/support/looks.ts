import type { Frame } from 'playwright-core';

/**
 * What a reader with weak eyes or a keyboard would stumble over: text under 11 px, contrast under 4.5, text that is
 * cut off, buttons without a name, anything that reaches beyond the panel.
 */
export function problemsOf(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const problems: string[] = [];
    type Colour = [number, number, number, number];
    const paint = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    const parse = (css: string): Colour => {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = css;
      paint.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
      return [r!, g!, b!, a! / 255];
    };
    const over = (top: Colour, below: Colour): Colour => {
      const mix = (i: 0 | 1 | 2) => top[i] * top[3] + below[i] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    const background = (element: Element | null): Colour => {
      if (!element) return [255, 255, 255, 1];
      const own = parse(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, background(element.parentElement));
    };
    const luminance = ([r, g, b]: Colour) => {
      const part = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    for (const element of document.querySelectorAll('#panel *')) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const box = element.getBoundingClientRect();
      if (element.tagName === 'BUTTON' && !element.getAttribute('aria-label') && !element.textContent?.trim())
        problems.push(`a button without a name: ${element.outerHTML.slice(0, 80)}`);
      const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      if (!text || element.closest('.says')) continue;
      const words = element.textContent!.trim().slice(0, 40);
      const style = getComputedStyle(element);
      if (Number.parseFloat(style.fontSize) < 11) problems.push(`${style.fontSize} text: ${words}`);
      const below = background(element);
      const [a, b] = [luminance(over(parse(style.color), below)), luminance(below)];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const disabled = element.closest(':disabled') !== null || element.querySelector(':disabled') !== null;
      if (contrast < 4.5 && !disabled) problems.push(`contrast ${contrast.toFixed(2)}: ${words}`);
      if (box.left < -1 || box.right > innerWidth + 1) problems.push(`beyond the panel: ${words}`);
      if (
        element.scrollWidth > element.clientWidth + 1 &&
        (style.textOverflow !== 'ellipsis' || element.tagName === 'BUTTON') &&
        style.display !== 'inline'
      )
        problems.push(`cut off: ${words}`);
    }
    return problems;
  });
}
