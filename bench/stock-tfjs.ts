import type * as Tfjs from '@tensorflow/tfjs';
import type { GraphNode } from '../src/engine/network/graph.ts';
import type { Stepper } from './measure.ts';
import type { Workload } from './workload.ts';

/**
 * The workload as any user of TensorFlow.js would write it: tf's own operations, gradients and Adam, no input noise.
 * For time only: its gradients of reflection padding and half-pixel resizing are wrong (which costs it nothing).
 * The backend must have been chosen.
 */
export function stockTfjsStepper(tf: typeof Tfjs, adapter: string, { plan, inputs }: Workload): Stepper {
  const { nodes } = plan.graph;
  const theta = inputs.get('theta')!;
  const variables = plan.parameters.map(({ shape, size, offset }) => {
    const values = tf.tensor(theta.slice(offset, offset + size), [...shape]);
    const ours = shape.length === 4 ? tf.transpose(values, [2, 3, 1, 0]) : values;
    return tf.variable(ours);
  });
  const image = (name: string, [channels, height, width]: readonly number[]) =>
    tf
      .transpose(tf.tensor(inputs.get(name)!, [channels, height, width]), [1, 2, 0])
      .expandDims<Tfjs.Tensor4D>(0);
  const z = image('z', nodes[0].shape);
  const target = image('target', plan.imageShape);
  const adam = tf.train.adam(0.01);

  const evaluate = (node: GraphNode, value: (id: number) => Tfjs.Tensor4D): Tfjs.Tensor4D => {
    switch (node.op) {
      case 'input':
        return z;
      case 'noise':
        return value(node.x);
      case 'conv': {
        const pad = (node.kernel - 1) / 2;
        const sides: [number, number] = [pad, pad];
        const x =
          pad > 0 ? tf.mirrorPad(value(node.x), [[0, 0], sides, sides, [0, 0]], 'reflect') : value(node.x);
        const y = tf.conv2d(x, variables[node.weight] as unknown as Tfjs.Tensor4D, node.stride, 'valid');
        return node.bias === null ? y : tf.add(y, variables[node.bias]);
      }
      case 'norm': {
        const x = value(node.x);
        const { mean, variance } = tf.moments(x, [0, 1, 2]);
        const [gamma, beta] = [variables[node.gamma], variables[node.beta]] as unknown as Tfjs.Tensor1D[];
        return tf.batchNorm4d(x, mean as Tfjs.Tensor1D, variance as Tfjs.Tensor1D, beta, gamma, node.epsilon);
      }
      case 'act':
        return node.activation.kind === 'sigmoid'
          ? tf.sigmoid(value(node.x))
          : tf.leakyRelu(value(node.x), node.activation.slope);
      case 'resample': {
        const [, height, width, channels] = value(node.x).shape;
        const up = tf.image.resizeBilinear(value(node.x), [2 * height, 2 * width], false, true);
        return tf.slice(up, [0, 0, 0, 0], [1, node.rows.outputs, node.cols.outputs, channels]);
      }
      case 'concat':
        return tf.concat(node.xs.map(value), 3);
      default:
        throw new Error(`The benchmark's net has no ${node.op}.`);
    }
  };

  const loss = () => {
    const values: Tfjs.Tensor4D[] = [];
    for (const node of nodes) values.push(evaluate(node, (id) => values[id]));
    return tf.losses.meanSquaredError(target, values[plan.objective.image]) as Tfjs.Scalar;
  };

  return {
    adapter,
    steps: async (count) => {
      for (let i = 0; i < count; i++) {
        const value = adam.minimize(loss, true)!;
        await value.data();
        value.dispose();
      }
    },
    bytes: () => tf.memory().numBytes,
    dispose: () => {
      tf.dispose([z, target, ...variables]);
      adam.dispose();
    },
  };
}
