import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { AxisTable } from '../src/engine/image/axis-table.ts';
import type { GraphNode } from '../src/engine/network/graph.ts';
import type { Stepper } from './measure.ts';
import type { Workload } from './workload.ts';

type Arr = np.Array;

/**
 * The workload in jax-js: the whole step (forward, gradients, Adam) under one jit, no input noise. Arrays are owned:
 * `.ref` wherever a value is read again.
 */
export async function jaxStepper({ plan, inputs }: Workload, adapter: string): Promise<Stepper> {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js found no WebGPU here');
  defaultDevice('webgpu');
  const { nodes } = plan.graph;
  const theta = inputs.get('theta')!;
  const array = (data: Float32Array, shape: readonly number[]) => np.array(data).reshape([...shape]);
  let parameters = plan.parameters.map(({ shape, size, offset }) =>
    array(theta.slice(offset, offset + size), shape),
  );
  let moments1 = parameters.map((p) => np.zeros(p.shape));
  let moments2 = parameters.map((p) => np.zeros(p.shape));
  const z = array(inputs.get('z')!, [1, ...nodes[0].shape]);
  const target = array(inputs.get('target')!, [1, ...plan.imageShape]);

  const loss = (weights: Arr[], input: Arr, wanted: Arr): Arr => {
    const values: Arr[] = [];
    for (const node of nodes) values.push(evaluate(node, input, weights, (id) => values[id].ref));
    const result = np.square(values[plan.objective.image].ref.sub(wanted)).mean();
    for (const value of [...values, ...weights, input]) value.dispose();
    return result;
  };

  const step = jit(
    (weights: Arr[], m: Arr[], v: Arr[], input: Arr, wanted: Arr, correction1: Arr, correction2: Arr) => {
      const [value, gradients] = valueAndGrad(loss)(
        weights.map((w) => w.ref),
        input,
        wanted,
      );
      const moved = weights.map((weight, i) => {
        const g = gradients[i];
        const m1 = m[i].mul(0.9).add(g.ref.mul(0.1));
        const m2 = v[i].mul(0.999).add(np.square(g).mul(0.001));
        const root = np.sqrt(m2.ref.mul(correction2.ref)).add(1e-8);
        return { weight: weight.sub(m1.ref.mul(correction1.ref).mul(0.01).div(root)), m1, m2 };
      });
      correction1.dispose();
      correction2.dispose();
      return {
        value,
        weights: moved.map((p) => p.weight),
        m: moved.map((p) => p.m1),
        v: moved.map((p) => p.m2),
      };
    },
  );

  let t = 0;
  return {
    adapter,
    steps: async (count) => {
      for (let i = 0; i < count; i++) {
        t++;
        const [c1, c2] = [np.array(1 / (1 - 0.9 ** t)), np.array(1 / (1 - 0.999 ** t))];
        const out = step(parameters, moments1, moments2, z.ref, target.ref, c1, c2);
        parameters = out.weights;
        moments1 = out.m;
        moments2 = out.v;
        const [value] = await out.value.data();
        if (!Number.isFinite(value)) throw new Error(`the loss became ${value}`);
      }
    },
    bytes: () => null,
    dispose: () => undefined,
  };
}

function evaluate(node: GraphNode, input: Arr, weights: Arr[], value: (id: number) => Arr): Arr {
  const channel = (id: number) => weights[id].ref.reshape([1, -1, 1, 1]);
  switch (node.op) {
    case 'input':
      return input.ref;
    case 'noise':
      return value(node.x);
    case 'conv': {
      const x = reflectPad(value(node.x), (node.kernel - 1) / 2);
      const y = lax.conv(x, weights[node.weight].ref, [node.stride, node.stride], 'VALID');
      return node.bias === null ? y : y.add(channel(node.bias));
    }
    case 'norm': {
      const x = value(node.x);
      const centred = x.ref.sub(x.mean([2, 3], { keepdims: true }));
      const variance = np.square(centred.ref).mean([2, 3], { keepdims: true });
      const scale = channel(node.gamma).div(np.sqrt(variance.add(node.epsilon)));
      return centred.mul(scale).add(channel(node.beta));
    }
    case 'act':
      return node.activation.kind === 'sigmoid'
        ? nn.sigmoid(value(node.x))
        : nn.leakyRelu(value(node.x), node.activation.slope);
    case 'resample': {
      const rows = np.einsum('oh,bchw->bcow', matrix(node.rows), value(node.x));
      return np.einsum('pw,bcow->bcop', matrix(node.cols), rows);
    }
    case 'concat':
      return np.concatenate(node.xs.map(value), 1);
    default:
      throw new Error(`The benchmark's net has no ${node.op}.`);
  }
}

function matrix({ inputs, outputs, taps, start, weights }: AxisTable): Arr {
  const dense = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++)
    for (let t = 0; t < taps; t++) dense[i * inputs + start[i] + t] += weights[i * taps + t];
  return np.array(dense).reshape([outputs, inputs]);
}

/** Padding by 1, all the benchmark's net needs. */
function reflectPad(x: Arr, pad: number): Arr {
  if (pad === 0) return x;
  if (pad !== 1) throw new Error(`padding by ${pad} is not part of the benchmark`);
  const [, , height, width] = x.shape;
  const tall = np.concatenate(
    [x.ref.slice([], [], [1, 2]), x.ref, x.slice([], [], [height - 2, height - 1])],
    2,
  );
  return np.concatenate(
    [tall.ref.slice([], [], [], [1, 2]), tall.ref, tall.slice([], [], [], [width - 2, width - 1])],
    3,
  );
}
