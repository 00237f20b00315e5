import type { Frame } from 'playwright-core';

/** What Figma puts into a panel shown with themeColors: variables and a class, values as of its current interface. */
const LIGHT = {
  bg: '#ffffff',
  'bg-secondary': '#f5f5f5',
  'bg-tertiary': '#e6e6e6',
  'bg-brand': '#0d99ff',
  'bg-warning': '#ffcd29',
  border: '#e6e6e6',
  'border-selected': '#0d99ff',
  text: 'rgba(0, 0, 0, 0.9)',
  'text-secondary': 'rgba(0, 0, 0, 0.5)',
  'text-danger': '#dc3412',
  icon: 'rgba(0, 0, 0, 0.9)',
};
const DARK: typeof LIGHT = {
  bg: '#2c2c2c',
  'bg-secondary': '#383838',
  'bg-tertiary': '#444444',
  'bg-brand': '#0c8ce9',
  'bg-warning': '#f3c11b',
  border: '#444444',
  'border-selected': '#0c8ce9',
  text: '#ffffff',
  'text-secondary': 'rgba(255, 255, 255, 0.7)',
  'text-danger': '#fca397',
  icon: '#ffffff',
};
type Theme = 'light' | 'dark';

const rules = (values: typeof LIGHT) =>
  Object.entries(values)
    .map(([name, value]) => `--figma-color-${name}: ${value};`)
    .join(' ');

/** The panel's page as Figma would hand it to the frame; the theme changes with the class, as in Figma. */
export function withTheme(html: string): string {
  const style = `<style>:root { ${rules(LIGHT)} } :root.figma-dark { ${rules(DARK)} }</style>`;
  return html
    .replace('<html lang="en">', '<html lang="en" class="figma-light">')
    .replace('<head>', `<head>${style}`);
}

export function setTheme(frame: Frame, theme: Theme): Promise<void> {
  return frame.evaluate((name) => {
    document.documentElement.className = `figma-${name}`;
  }, theme);
}
