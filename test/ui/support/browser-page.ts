import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../scripts/machine.mjs';

/** A blank page with one module of the tests on it. */
export async function openModule(entry: string): Promise<{ page: Page; browser: Browser }> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium: install it or set PRIOR_ART_CHROMIUM.');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    external: ['@tensorflow/*'],
    write: false,
  });
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless=new', '--no-sandbox', '--no-first-run'],
  });
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
  return { page, browser };
}
