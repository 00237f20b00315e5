import type { Plan } from '../../plan/plan.ts';
import type { Backend, Tensor } from './backend.ts';

/** Scalars that live on the device between steps. */
export const SCALARS = ['variance', 'bestVariance', 'bestStep', 'improved', 'loss'] as const;

const TRAINED = ['theta', 'moment1', 'moment2', 'ema', 'varianceMean', 'variance'] as const;

type Checkpoint = ReadonlyMap<string, Tensor>;

/**
 * The tensors a run keeps between steps: the plan's named buffers (arenas flat, images [height, width, channels]) and
 * the scalars of its state. Tensors never change, so a checkpoint is a second handle on them, not a copy.
 */
export class Store {
  private readonly tensors = new Map<string, Tensor>();
  private readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** By slot. */
  private readonly checkpoints: Checkpoint[] = [];

  constructor(
    private readonly b: Backend,
    plan: Plan,
  ) {
    this.shapes = tensorShapes(plan);
    for (const [name, shape] of this.shapes) this.set(name, b.tf.zeros([...shape]));
    for (const name of SCALARS)
      this.set(name, b.tf.scalar(name === 'bestVariance' ? Number.POSITIVE_INFINITY : 0));
  }

  get<T extends Tensor = Tensor>(name: string): T {
    return this.tensors.get(name) as T;
  }

  /** Takes the tensor over. */
  set(name: string, tensor: Tensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, this.b.tf.keep(tensor));
  }

  /** Fills a buffer from the plan's planar layout. */
  writePlanar(name: string, data: Float32Array): void {
    const { tf } = this.b;
    const shape = this.shapes.get(name)!;
    const tensor = tf.tidy(() => {
      if (shape.length !== 3) return tf.tensor(data, [...shape]);
      const [height, width, channels] = shape;
      return tf.transpose(tf.tensor3d(data, [channels, height, width]), [1, 2, 0]);
    });
    this.set(name, tensor);
  }

  async readPlanar(name: string): Promise<Float32Array> {
    const { tf } = this.b;
    const tensor = this.get(name);
    const planar = tf.tidy(() => (tensor.rank === 3 ? tf.transpose(tensor, [2, 0, 1]) : tf.clone(tensor)));
    const data = (await planar.data()) as Float32Array;
    planar.dispose();
    return data.slice();
  }

  /** Keeps what training changes in a slot. */
  save(slot: 0 | 1): void {
    free(this.checkpoints[slot] ?? new Map());
    const { tf } = this.b;
    this.checkpoints[slot] = new Map(TRAINED.map((name) => [name, tf.keep(tf.clone(this.get(name)))]));
  }

  restore(slot: 0 | 1): void {
    for (const [name, tensor] of this.checkpoints[slot]) this.set(name, this.b.tf.clone(tensor));
  }

  dispose(): void {
    for (const checkpoint of this.checkpoints) free(checkpoint);
    this.checkpoints.length = 0;
    free(this.tensors);
    this.tensors.clear();
  }
}

function free(tensors: ReadonlyMap<string, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
}

function tensorShapes(plan: Plan): ReadonlyMap<string, readonly number[]> {
  const { graph, objective, arenaFloats } = plan;
  const shapes = new Map<string, readonly number[]>();
  const image = ([channels, height, width]: readonly number[]) => [height, width, channels];
  for (const name of ['theta', 'gradient', 'moment1', 'moment2']) shapes.set(name, [arenaFloats]);
  for (const name of ['image', 'ema', 'varianceMean', 'best']) shapes.set(name, image(plan.imageShape));
  const observed = graph.shape(objective.observed);
  shapes.set('target', image(observed));
  if (objective.weighted) shapes.set('weight', [observed[1], observed[2], 1]);
  for (const node of graph.nodes) if (node.op === 'input') shapes.set(node.name, image(node.shape));
  return shapes;
}
