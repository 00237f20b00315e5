import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';

/** A channel may differ by this much: antialiasing and canvas scaling vary a little between versions. */
const CHANNEL_TOLERANCE = 32;
/** Share of the pixels that may differ by more. */
const SHARE_TOLERANCE = 0.01;

/**
 * Compares with the reference picture; UPDATE=1 makes the picture the reference. Returns what is wrong, undefined if
 * nothing is, and leaves the new picture beside the build when it differs.
 */
export async function compareScreenshot(png: Buffer, name: string): Promise<string | undefined> {
  const reference = `test/ui/screenshots/${name}.png`;
  if (process.env.UPDATE === '1' || !existsSync(reference)) {
    if (process.env.UPDATE !== '1')
      return `There is no ${reference}: look at the screen and run with UPDATE=1.`;
    await mkdir(dirname(reference), { recursive: true });
    await writeFile(
      reference,
      await sharp(png).png({ palette: true, colours: 128, dither: 0, effort: 10 }).toBuffer(),
    );
    return undefined;
  }
  const raw = (input: Buffer) => sharp(input).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [now, before] = await Promise.all([raw(png), raw(await readFile(reference))]);
  const [a, b] = [now.info, before.info];
  if (a.width !== b.width || a.height !== b.height)
    return `${name}: ${a.width} × ${a.height} px, expected ${b.width} × ${b.height}.`;
  let different = 0;
  for (let i = 0; i < now.data.length; i += 3) {
    const off = (c: number) => Math.abs(now.data[i + c]! - before.data[i + c]!) > CHANNEL_TOLERANCE;
    if (off(0) || off(1) || off(2)) different++;
  }
  const share = different / (a.width * a.height);
  if (share <= SHARE_TOLERANCE) return undefined;
  const path = `out/screenshots/${name}.png`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, png);
  return `${name}: ${(100 * share).toFixed(1)} % of the pixels differ from ${reference}; the new picture is ${path}.`;
}
