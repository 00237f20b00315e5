import { type AxisTable, transpose } from '../../image/axis-table.ts';
import type { Backend, Tensor2D, Tensor3D } from './backend.ts';

/** Outputs made by one product: long enough to keep the device busy, short enough to skip most zeros of the band. */
const STRIP = { wasm: 32, cpu: 32, webgl: 256, webgpu: 256 } as const;

interface Strip {
  readonly from: number;
  readonly inputs: number;
  readonly matrix: Tensor2D;
}

/**
 * Separable linear maps as matrix products. An axis table is a banded matrix; it is cut into strips of outputs, each
 * a small dense matrix over the inputs it reaches, so the work grows with the pixels. The matrices live as long as
 * the Resampler. tf's resizeBilinear was rejected: its gradient ignores half-pixel centres, and it cannot crop.
 */
export class Resampler {
  private readonly strips = new Map<AxisTable, Strip[]>();
  private readonly adjoints = new Map<AxisTable, AxisTable>();

  constructor(private readonly b: Backend) {}

  /** rows · x · colsᵀ for each channel of x, [height, width, channels]. */
  apply(x: Tensor3D, rows: AxisTable, cols: AxisTable): Tensor3D {
    // Whichever order keeps the image between the two products smaller.
    return rows.outputs > rows.inputs
      ? this.rows(this.columns(x, cols), rows)
      : this.columns(this.rows(x, rows), cols);
  }

  applyAdjoint(dy: Tensor3D, rows: AxisTable, cols: AxisTable): Tensor3D {
    return this.apply(dy, this.adjoint(rows), this.adjoint(cols));
  }

  dispose(): void {
    for (const strips of this.strips.values()) for (const { matrix } of strips) matrix.dispose();
    this.strips.clear();
  }

  private rows(x: Tensor3D, table: AxisTable): Tensor3D {
    const { tf } = this.b;
    const [height, width, channels] = x.shape;
    const matrix = x.reshape<Tensor2D>([height, width * channels]);
    const parts = this.stripsOf(table).map((strip) => {
      const whole = strip.inputs === height;
      const reach = whole ? matrix : tf.slice(matrix, [strip.from, 0], [strip.inputs, width * channels]);
      return tf.matMul(strip.matrix, reach);
    });
    const joined = parts.length === 1 ? parts[0] : tf.concat(parts, 0);
    return joined.reshape([table.outputs, width, channels]);
  }

  private columns(x: Tensor3D, table: AxisTable): Tensor3D {
    const { tf } = this.b;
    return tf.transpose(this.rows(tf.transpose(x, [1, 0, 2]), table), [1, 0, 2]);
  }

  private adjoint(table: AxisTable): AxisTable {
    const known = this.adjoints.get(table) ?? transpose(table);
    this.adjoints.set(table, known);
    return known;
  }

  private stripsOf(table: AxisTable): Strip[] {
    const known = this.strips.get(table);
    if (known) return known;
    const length = STRIP[this.b.name];
    const strips: Strip[] = [];
    for (let from = 0; from < table.outputs; from += length)
      strips.push(this.strip(table, from, Math.min(table.outputs, from + length)));
    this.strips.set(table, strips);
    return strips;
  }

  private strip(table: AxisTable, from: number, to: number): Strip {
    const { taps, start, weights } = table;
    const first = Math.min(...start.subarray(from, to));
    const inputs = Math.max(...start.subarray(from, to)) + taps - first;
    const dense = new Float32Array((to - from) * inputs);
    for (let i = from; i < to; i++)
      for (let t = 0; t < taps; t++)
        dense[(i - from) * inputs + start[i] - first + t] += weights[i * taps + t];
    return { from: first, inputs, matrix: this.b.tf.keep(this.b.tf.tensor2d(dense, [to - from, inputs])) };
  }
}
