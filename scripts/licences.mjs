// The licences of packages that are built into a bundle, which must go with it.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * @param {string} root of the checkout, which the metafiles' paths are relative to.
 * @param {readonly import('esbuild').Metafile[]} metafiles
 * @returns {Promise<string>} for each package its name, version and licence text; packages without one are named with
 *   the licence that they declare.
 */
export async function licencesOf(root, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const names = new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter(Boolean));
  const texts = await Promise.all(
    [...names].sort().map((name) => licenceOf(resolve(root, 'node_modules', name))),
  );
  return texts.join(`\n${'='.repeat(72)}\n`);
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = await readdir(folder);
  const text = async (pattern) => {
    const file = files.find((entry) => pattern.test(entry));
    return file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  };
  const own = await text(/^(licen[cs]e|ofl|copying)(\.|$)/i);
  // Some have it in their README only.
  const read = own || /^#+ *licen[cs]e.*$([\s\S]*)/im.exec(await text(/^readme/i))?.[1].trim();
  return `${name} ${version}\n\n${read || `Licence: ${license}`}\n`;
}
