/** What messages are made of. Numbers have bounds that nothing in Figma reaches: beyond them a message is broken. */
import * as v from 'valibot';
import { SCALE_RANGE } from '../engine/choices.ts';

/** As it arrives, which nobody changes. */
type Immutable<T> = T extends Uint8Array
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;
/** What a schema lets through. */
export type Of<S extends v.GenericSchema> = Immutable<v.InferOutput<S>>;

export const text = v.string();
export const texts = v.array(text);
export const flag = v.boolean();
export const bytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Also refuses NaN, which is within no bounds. */
export const between = (least: number, most: number) =>
  v.pipe(v.number(), v.minValue(least), v.maxValue(most));
const whole = (least: number, most: number) => v.pipe(between(least, most), v.integer());

/** Indices, and numbers that grow by one. */
export const count = whole(0, Number.MAX_SAFE_INTEGER);
/** Pixels of an image along one side. */
export const side = whole(1, 65_536);
export const offset = whole(0, 65_536);
/** Lengths on the canvas, px. */
export const extent = between(0, 1e9);
/** Result pixels per source pixel. */
export const factor = between(SCALE_RANGE.min, SCALE_RANGE.max);

const entry = between(-1e9, 1e9);
/** x' = a·x + c·y + e, y' = b·x + d·y + f: the order of CanvasRenderingContext2D.setTransform. */
export const affine = v.tuple([entry, entry, entry, entry, entry, entry]);
export type Affine = Of<typeof affine>;
