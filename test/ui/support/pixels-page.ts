// Puts the pixel modules on a page, so that tests can call them with the browser's own decoders and canvas.
import { cutRaster } from '../../../src/engine/image/box.ts';
import { fillCrop, layPatch } from '../../../src/ui/pixels/crop.ts';
import { decodeImage } from '../../../src/ui/pixels/decode.ts';
import { findDamage } from '../../../src/ui/pixels/findings.ts';
import { growArea, isSoft, knownMask, rasterise } from '../../../src/ui/pixels/mask.ts';
import { traceOutlines } from '../../../src/ui/pixels/outline.ts';
import { encodePng } from '../../../src/ui/pixels/png-encoder.ts';
import { fromStencil } from '../../../src/ui/pixels/stencil.ts';

const modules = {
  cutRaster,
  fillCrop,
  layPatch,
  fromStencil,
  decodeImage,
  findDamage,
  growArea,
  isSoft,
  knownMask,
  rasterise,
  traceOutlines,
  encodePng,
};

declare global {
  var pixels: typeof modules;
}
globalThis.pixels = modules;
