import { MaskError } from '../errors.ts';
import type { Mask, PlanarImage } from '../options.ts';
import { countOf } from './binary-plane.ts';
import type { Size } from './box.ts';
import { TURNED_ALIKE, turned, turnedSize } from './fit-mask.ts';
import { luminance } from './luminance.ts';
import { knownBelow, MARKED } from './marked.ts';
import { looksLikeGround } from './mask-ground.ts';
import { levelsOf, type TwoLevels } from './mask-levels.ts';
import {
  hasColoursOfStrokes,
  isBlurred,
  isCopyOf,
  isDithered,
  isOfFewerColours,
  isOneColour,
  isStark,
  shareOf,
  visibleIn,
} from './mask-looks.ts';
import { isOfOutlines } from './mask-of-edges.ts';
import { isCutAtTone } from './mask-of-tones.ts';
import { hasShapeOfCut } from './mask-shape.ts';
import { type Over, paintedOver } from './painted-over.ts';
import { unreached } from './reached.ts';

export interface MaskOptions {
  /** Which of a mask's two colours is known; default: black, unless white is plainly the ground of dark strokes. */
  readonly known?: 'white' | 'black';
  /** The picture that the mask is for: tells a mask from the picture itself. */
  readonly picture?: PlanarImage;
  /** That picture's EXIF orientation, 1 … 8: a mask may have been drawn before it was turned upright. Default 1. */
  readonly orientation?: number;
  /** Whether nothing of what it marks is filled, so that it may select an area along the picture's own edges. Default false. */
  readonly selects?: boolean;
}

export interface MaskReading {
  /** 255 = known, 0 = to fill. */
  readonly mask: Mask;
  /** How the mask was understood, in a sentence, where it is not plainly white on black. */
  readonly note?: string;
  /** Whether it was turned as its picture was. */
  readonly turned?: boolean;
}

interface Cover {
  /** [height, width] 0 = known … 1 = to fill. */
  readonly cover: Float32Array;
  /** Whether that is not sure to a tenth; default: as it looks. */
  readonly rough?: boolean;
  readonly note?: string;
}

/** Paint below this luminance is called black. */
const DARK = 0.25;

const HOW_TO =
  'Save it as PNG: white where the picture is to be filled and black elsewhere, or painted on transparency or over the picture in one colour.';
const WHICH = 'say which colour is known, white or black (--mask-known)';

/**
 * Understands a mask as people make them: white on black, also antialiased, half-grey, compressed or of a soft brush, or
 * the reverse; strokes of any colour on transparency; the picture with an erased area. What is covered by more than a
 * tenth is filled, with the rim about it.
 *
 * @param drawn 1, 3 or 4 planes in [0, 1]: grey, RGB, RGBA with straight alpha.
 * @throws MaskError where it cannot be told what is to be filled: what was seen, and how to save the mask.
 * @example const { mask, note } = interpretMask({ planes: [white], width, height });
 */
export function interpretMask(drawn: PlanarImage, options: MaskOptions = {}): MaskReading {
  const { picture, orientation = 1 } = options;
  const { width, height } = turnedSize(drawn, orientation);
  if (orientation === 1 || picture?.width !== width || picture.height !== height)
    return interpreted(drawn, options);
  const upright = () => {
    const planes = drawn.planes.map((plane) => turned(plane, drawn, orientation));
    const reading = interpreted({ planes, width, height }, options);
    return {
      ...reading,
      note: reading.note ? `${TURNED_ALIKE} ${reading.note}` : TURNED_ALIKE,
      turned: true,
    };
  };
  if (drawn.width !== width) return upright();
  // Of the same size either way: a copy of the picture shows which it is.
  try {
    return interpreted(drawn, options);
  } catch (error) {
    if (!(error instanceof MaskError)) throw error;
    try {
      return upright();
    } catch {
      throw error;
    }
  }
}

function interpreted(drawn: PlanarImage, options: MaskOptions): MaskReading {
  const { width, height, planes } = drawn;
  const alpha = planes.length === 4 ? scaled(planes[3], options) : undefined;
  const seen = alpha?.some((a) => a < 1 - MARKED)
    ? ofTransparency(drawn, alpha, options)
    : ofColours(drawn, options);
  return {
    mask: { data: knownBelow(seen.cover, width, height, seen.rough), width, height },
    note: seen.note,
  };
}

/** Opaque where it is least transparent: brushes may be translucent. Throws MaskError where nothing can be seen. */
function scaled(alpha: Float32Array, { known }: MaskOptions): Float32Array {
  const most = alpha.reduce((top, a) => Math.max(top, a), 0);
  if (most >= MARKED) return alpha.map((a) => a / most);
  if (!known) throw new MaskError(`The mask is transparent all over: nothing is marked. ${HOW_TO}`);
  return alpha;
}

function ofTransparency(drawn: PlanarImage, alpha: Float32Array, options: MaskOptions): Cover {
  const visible = visibleIn(alpha);
  const shown = shareOf(visible);
  if (shown === 0) return ofColours(laidOver(drawn, alpha, 0), options);
  const { picture } = options;
  const copy = picture !== undefined && isCopyOf(picture, drawn, visible);
  if (!copy && isOneColour(drawn, visible)) return ofPaint(drawn, alpha, visible, options);
  // With a transparent corner or margin what shows is the ground and what is drawn on it.
  const ground = shown > 0.5 ? Math.round(toneOf(drawn, visible)) : 0;
  if (!copy && isStark(drawn, visible)) return ofColours(laidOver(drawn, alpha, ground), options);
  if (!copy && shown <= 0.5 && hasColoursOfStrokes(drawn, visible)) return { cover: alpha, note: PAINTED };
  if (shown > 0.5 && (copy || !picture))
    return {
      cover: alpha.map((a) => 1 - a),
      note: 'The mask is a picture with an erased area: what is transparent is filled.',
    };
  const what = copy
    ? `the picture with only ${percent(shown)} of it left`
    : 'another picture, partly transparent';
  throw new MaskError(`The mask is ${what}: it cannot be told what is to be filled. ${HOW_TO}`);
}

const PAINTED = 'The mask is painted on transparency: what is painted is filled.';

/** Paint of one colour: alpha tells how much of it there is. */
function ofPaint(drawn: PlanarImage, alpha: Float32Array, visible: Uint8Array, options: MaskOptions): Cover {
  const { width, height } = drawn;
  const { known } = options;
  const tone = toneOf(drawn, visible);
  if (known === 'black' && tone < DARK)
    throw new MaskError(
      `The mask is painted in black on transparency, and black is said to be known: nothing is marked. ${HOW_TO}`,
    );
  const clear = alpha.map((a) => 1 - a);
  if (known === 'white' && tone > 1 - DARK)
    return { cover: clear, note: 'The mask is painted in white, which is known: the rest is filled.' };
  askIfTonesOf(alpha, drawn, options);
  const ground = known ? 'no' : looksLikeGround(alpha, width, height);
  if (ground === 'no') return { cover: alpha, note: PAINTED };
  if (ground === 'yes')
    return {
      cover: clear,
      note: 'The mask is one colour with an erased area: what is transparent is filled.',
    };
  throw new MaskError(`The mask is mostly paint, with a transparent area in it: ${WHICH}. ${HOW_TO}`);
}

/** Of what is painted on transparency at least this share is left clear, but for so much; a picture's tones, kept as alpha, leave less. */
const CLEAR = { share: 0.5, below: 0.02 } as const;

/** Throws MaskError where paint is as thick as some picture is bright, or lies where one is. */
function askIfTonesOf(alpha: Float32Array, size: Size, options: MaskOptions): void {
  const levels = levelsOf([alpha], size.width, size.height);
  if (typeof levels === 'object') askIfCut(levels.light, size, options);
  if (levels !== 'many' || countOf(alpha, (a) => a < CLEAR.below) >= CLEAR.share * alpha.length) return;
  throw new MaskError(
    `The mask is transparent in many degrees, as if its transparency were a picture: it cannot be told what is to be filled. ${HOW_TO}`,
  );
}

/** Two colours: the lighter is white, the other black. */
function ofColours(drawn: PlanarImage, { known, picture, selects }: MaskOptions): Cover {
  const { width, height, planes } = drawn;
  const levels = levelsOf(planes.slice(0, 3), width, height);
  const over = picture && !isOfFewerColours(picture, drawn) && paintedOver(picture, drawn);
  if (over && (levels === 'many' || isCopyOf(picture, drawn) || showsIts(over, levels, width)))
    return ofPaintOver(over);
  if (levels === 'many')
    throw new MaskError(
      `The mask is a picture of many tones, not a drawing of two that differ clearly: it cannot be told what is to be filled. ${HOW_TO}`,
    );
  if (picture && levels !== 'one' && isDithered(picture, levels.light))
    throw new MaskError(
      `The mask is the picture in two colours, its tones told by dots: it cannot be told what is to be filled. ${HOW_TO}`,
    );
  if (picture && levels !== 'one' && isBlurred(picture, levels.light))
    throw new MaskError(
      `The mask is the picture itself, blurred: it cannot be told what is to be filled. ${HOW_TO}`,
    );
  if (levels !== 'one') askIfCut(levels.light, drawn, { known, picture, selects });
  const white = levels === 'one' ? luminance(drawn.planes).map((y) => (y > 0.5 ? 1 : 0)) : levels.light;
  if (known === 'white') return { cover: white.map((w) => 1 - w) };
  const ground = known || levels === 'one' ? 'no' : looksLikeGround(white, width, height);
  if (ground === 'no') return { cover: white };
  if (ground === 'yes')
    return {
      cover: white.map((w) => 1 - w),
      note: `The mask is mostly white with dark strokes on it: the strokes are filled. If the white is to be filled, ${WHICH}.`,
    };
  throw new MaskError(
    `The mask is white at its border and over ${percent(shareOf(visibleIn(white)))} of it, with dark areas inside: it cannot be told which is to be filled. Please ${WHICH}.`,
  );
}

/** Throws MaskError, to be asked, where what is marked is cut out of this picture or of another, rather than drawn. */
function askIfCut(light: Float32Array, size: Size, { known, picture, selects }: MaskOptions): void {
  if (!picture || known || selects) return;
  const ask = (seen: string, what: string) =>
    new MaskError(`The mask looks like ${seen}. If ${what} to be filled, ${WHICH}. ${HOW_TO}`);
  if (hasShapeOfCut(light, size))
    throw ask('a photograph in two tones: its areas are ragged as none that are drawn', 'these are');
  if (isCutAtTone(picture, light))
    throw ask("the picture in two tones: its border follows the picture's own all along", 'that is');
  if (isOfOutlines(picture, light)) throw ask("the picture's own outlines", 'these are');
}

/**
 * Strokes that a drawing of two colours shares with the picture as they are: so much of what is drawn, at least, where no more of all
 * is changed and the rest is the same, not only nearly so: white on black shares with a picture what is lost in it in white, and what is dark.
 */
const SHARED = { strokes: 0.1, changed: 0.25, same: 0.02 } as const;

/** Whether a drawing of two colours has strokes of the picture in it, untouched. */
function showsIts({ changed, differences }: Over, levels: TwoLevels | 'one', width: number): boolean {
  if (levels === 'one' || shareOf(changed) > SHARED.changed) return false;
  const { light } = levels;
  const lighter = light.reduce((sum, t) => sum + t, 0) > light.length / 2;
  const isStroke = (i: number) => light[i] < 0.5 === lighter;
  const ground = differences.filter((_, i) => !isStroke(i) && !changed[i]).sort();
  if (ground[ground.length >> 1] > SHARED.same) return false;
  const strokes = light.reduce((sum, _, i) => sum + (isStroke(i) ? 1 : 0), 0);
  return unreached(light.length, width, isStroke, (i) => changed[i] === 1) > SHARED.strokes * strokes;
}

function ofPaintOver({ changed, cover }: Over): Cover {
  if (cover)
    return {
      ...{ cover, rough: true },
      note: 'The mask is the picture with an area painted over: what is painted is filled.',
    };
  const seen =
    shareOf(changed) > NOTHING
      ? 'with parts that differ, but not by paint of one colour: it cannot be told what is to be filled'
      : 'itself: nothing is marked';
  throw new MaskError(`The mask is the picture ${seen}. ${HOW_TO}`);
}

/** Share of pixels that compression may change beyond recognition. */
const NOTHING = 0.03;

/** The median luminance of what is visible. */
function toneOf({ planes }: PlanarImage, visible: Uint8Array): number {
  const light = luminance(planes)
    .filter((_, i) => visible[i])
    .sort();
  return light[light.length >> 1];
}

function laidOver({ planes, ...size }: PlanarImage, alpha: Float32Array, ground: number): PlanarImage {
  const over = (value: number, i: number) => value * alpha[i] + ground * (1 - alpha[i]);
  return { ...size, planes: planes.slice(0, 3).map((plane) => plane.map(over)) };
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
