import { Command } from 'commander';
import { checkDamageOptions, type DamageOptions, damage, makesMask } from '../damage/damage.ts';
import { REDUCTIONS } from '../engine/choices.ts';
import { InvalidOptionError } from '../engine/errors.ts';
import { checkWritable } from '../node/atomic-write.ts';
import { checkHoldsAlpha, checkOutputName, formatOfName } from '../node/encode.ts';
import { isTransparent, readImage, writeImage } from '../node/image-file.ts';
import { writeMask } from '../node/mask-file.ts';
import { number } from '../shared/number-argument.ts';
import { refuseOverwriting, refuseReplacing } from './paths.ts';

interface Flags extends DamageOptions {
  output: string;
  maskOut?: string;
  force?: boolean;
}

/** `prior-art damage`. */
export function damageCommand(): Command {
  return new Command('damage')
    .description('Damage an image on purpose, to try or to measure a restoration.')
    .argument('<input>', 'image file: JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP, PNM')
    .requiredOption('-o, --output <file>', 'where to write the damaged image')
    .option('--downscale <factor>', 'reduce by this factor', number)
    .option('--reduction <filter>', `how it is reduced: ${REDUCTIONS.join(', ')} (default: lanczos)`)
    .option('--shot <photons>', 'shot (Poisson) noise: photons that a white sample expects', number)
    .option('--noise <sigma>', 'Gaussian noise of this standard deviation, in 1/255', number)
    .option('--jpeg <quality>', 'JPEG compression, quality 1 to 100', number)
    .option('--scratches <count>', 'scratches and specks', number)
    .option('--text <text>', 'text written all over it')
    .option('--missing <share>', 'share of pixels lost, 0 to 1', number)
    .option('--seed <n>', 'everything random follows from it', number, 0)
    .option(
      '--mask-out <file>',
      'write the mask of scratches, text and missing pixels (white = area to fill)',
    )
    .option('--force', 'replace files that exist')
    .action(run);
}

async function run(input: string, { output, maskOut, force, ...options }: Flags): Promise<void> {
  checkDamageOptions(options);
  if (maskOut && !makesMask(options))
    throw new InvalidOptionError(
      '--mask-out needs --scratches, --text or --missing: nothing else makes a mask.',
    );
  for (const [path, name] of [[output, '--output'] as const, [maskOut, '--mask-out'] as const]) {
    if (path === undefined) continue;
    checkOutputName(path, name);
    await refuseOverwriting(path, name, [input]);
    await checkWritable(path);
    await refuseReplacing(path, force);
  }
  const source = await readImage(input);
  checkHoldsAlpha(formatOfName(output)!, isTransparent(source));
  const { image, mask } = await damage(source, options);
  await writeImage(output, image, image.format, image.metadata);
  if (maskOut && mask) await writeMask(maskOut, mask);
  console.log(`${output}: ${image.width} × ${image.height}${maskOut ? `, mask ${maskOut}` : ''}`);
}
