import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineHost, ThreadHost } from '../../src/engine/executors/host.ts';
import { type RasterImage, type RestoreOptions, restore } from '../../src/engine/index.ts';
import { AS_EVER, type Faults, fakeGl, fakeGpu } from './fake-gpus.ts';

/** A fault of a platform, and what a restoration makes of it. */
interface Row {
  readonly fault: string;
  readonly faults: () => Faults;
  /** The error's code where the executor was asked for by name. */
  readonly code: string;
}

const throws = (error: Error) => () => {
  throw error;
};
const rejects = (error: Error) => () => Promise.reject(error);
/** From the call of that number on. */
const from =
  (first: number, fault: (call: number, device: never) => unknown) => (call: number, device: unknown) =>
    call >= first ? fault(call, device as never) : AS_EVER;
class GPUOutOfMemoryError {
  readonly message = 'there is no more';
}

const WEBGPU: readonly Row[] = [
  {
    fault: 'no adapter',
    faults: () => ({ gpu: { requestAdapter: async () => null } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'requestAdapter rejects',
    faults: () => ({ gpu: { requestAdapter: rejects(new Error('blocked')) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'requestAdapter throws',
    faults: () => ({ gpu: { requestAdapter: throws(new TypeError('bad')) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'requestDevice rejects',
    faults: () => ({ adapter: { requestDevice: rejects(new Error('limits')) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'the device is lost at load',
    faults: () => ({
      device: {
        createComputePipelineAsync: (_, device) => {
          device.lose('driver reset');
          return Promise.reject(new Error('Device was lost'));
        },
      },
    }),
    code: 'device-lost',
  },
  {
    fault: 'a shader is refused',
    faults: () => ({ device: { createComputePipelineAsync: rejects(new Error('no such builtin')) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'createShaderModule throws',
    faults: () => ({ device: { createShaderModule: throws(new TypeError('bad')) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'createBuffer throws at the first allocation',
    faults: () => ({ device: { createBuffer: throws(new RangeError('out of memory')) } }),
    code: 'out-of-memory',
  },
  {
    fault: 'createBuffer throws at the tenth allocation',
    faults: () => ({ device: { createBuffer: from(10, throws(new RangeError('out of memory'))) } }),
    code: 'out-of-memory',
  },
  {
    fault: 'allocation reports that memory is short',
    faults: () => ({ device: { popErrorScope: from(3, async () => new GPUOutOfMemoryError()) } }),
    code: 'out-of-memory',
  },
  {
    fault: 'memory is short in the middle of the run',
    faults: () => ({
      queue: {
        submit: from(4, (_, device: { onuncapturederror(event: object): void }) => {
          device.onuncapturederror({ error: new GPUOutOfMemoryError() });
        }),
      },
    }),
    code: 'out-of-memory',
  },
  {
    fault: 'the device is lost in the middle of a step',
    faults: () => ({
      queue: {
        onSubmittedWorkDone: from(2, (_, device: { lose(message: string): void }) => {
          device.lose('driver reset');
          return new Promise(() => {});
        }),
      },
    }),
    code: 'device-lost',
  },
  {
    fault: 'submit throws',
    faults: () => ({ queue: { submit: from(3, throws(new TypeError('bad buffer'))) } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'writeBuffer throws',
    faults: () => ({ queue: { writeBuffer: from(3, throws(new Error('Device is lost'))) } }),
    code: 'device-lost',
  },
  {
    fault: 'readback is refused',
    faults: () => ({ buffer: { mapAsync: from(2, rejects(new Error('Device is lost'))) } }),
    code: 'device-lost',
  },
  {
    fault: 'memory is short in readback',
    faults: () => ({ buffer: { getMappedRange: from(2, throws(new RangeError('allocation failed'))) } }),
    code: 'out-of-memory',
  },
  {
    fault: 'what is computed is no number',
    faults: () => ({
      buffer: { getMappedRange: () => new Float32Array(2 ** 16).fill(Number.NaN).buffer },
    }),
    code: 'diverged',
  },
];

const WEBGL2: readonly Row[] = [
  {
    fault: 'float textures are missing',
    faults: () => ({ gl: { getExtension: () => null } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'a shader is refused',
    faults: () => ({ gl: { getProgramParameter: (call) => call % 2 === 1 } }),
    code: 'gpu-unavailable',
  },
  {
    fault: 'memory is short',
    faults: () => ({ gl: { getError: () => 0x0505 } }),
    code: 'out-of-memory',
  },
  {
    fault: 'the context is lost at load',
    faults: () => ({ gl: { isContextLost: () => true } }),
    code: 'device-lost',
  },
  {
    fault: 'the context is lost in the middle of the run',
    faults: () => ({ gl: { isContextLost: from(8, () => true) } }),
    code: 'device-lost',
  },
  {
    fault: 'no texture can be made',
    faults: () => ({ gl: { createTexture: () => null } }),
    code: 'device-lost',
  },
];

const image: RasterImage = {
  data: Uint8ClampedArray.from({ length: 16 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 97) % 251)),
  width: 16,
  height: 16,
};

const run = (host: EngineHost, more: Partial<RestoreOptions>) =>
  restore(image, { task: 'denoise', prior: 'tv', expert: { steps: 12 }, previewEveryMs: 0, host, ...more });

describe.each([
  ['webgpu', WEBGPU],
  ['webgl2', WEBGL2],
] as const)('%s', (executor, rows) => {
  const hostOf = (faults: Faults): EngineHost =>
    executor === 'webgpu'
      ? { gpu: fakeGpu(faults) }
      : {
          gpu: fakeGpu({ gpu: { requestAdapter: async () => null } }),
          webgl2: () => fakeGl(faults) as never,
        };

  it('works where nothing is wrong', async () => {
    expect(await run(hostOf({}), { executor })).toMatchObject({ executor, steps: 12 });
  });

  it.each(rows)('asked for by name, $fault: $code', async ({ faults, code }) => {
    await expect(run(hostOf(faults()), { executor })).rejects.toMatchObject({ code });
  });

  it.each(rows.filter(({ code }) => code !== 'diverged'))(
    'chosen automatically, $fault: the processor goes on',
    async ({ faults }) => {
      const result = await run(hostOf(faults()), {});
      expect(result).toMatchObject({ executor: 'wasm', steps: 12 });
      expect([result.reason, ...result.notes].join(' ')).toMatch(new RegExp(executor));
    },
  );
});

const never = () => new Promise<never>(() => {});
/** A third of what is waited for a device that does not answer, ms. */
const AT_ONCE = 5000;

describe('a signal ends at once', () => {
  it.each<[string, EngineHost, RestoreOptions['executor']]>([
    ['a GPU that offers no adapter', { gpu: fakeGpu({ gpu: { requestAdapter: never } }) }, 'webgpu'],
    ['the same, chosen automatically', { gpu: fakeGpu({ gpu: { requestAdapter: never } }) }, 'auto'],
    ['an adapter that gives no device', { gpu: fakeGpu({ adapter: { requestDevice: never } }) }, 'webgpu'],
    [
      'a shader that never compiles',
      { gpu: fakeGpu({ device: { createComputePipelineAsync: never } }) },
      'webgpu',
    ],
    ['an allocation that never ends', { gpu: fakeGpu({ device: { popErrorScope: never } }) }, 'webgpu'],
    ['a submission that hangs', { gpu: fakeGpu({ queue: { onSubmittedWorkDone: never } }) }, 'webgpu'],
    ['a readback that hangs', { gpu: fakeGpu({ buffer: { mapAsync: never } }) }, 'webgpu'],
    [
      'a fence that is never passed',
      { webgl2: () => fakeGl({ gl: { getSyncParameter: () => 0 } }) as never },
      'webgl2',
    ],
    [
      'a program that is never linked',
      { webgl2: () => fakeGl({ gl: { getProgramParameter: (call) => call % 1e9 < 0 } }) as never },
      'webgl2',
    ],
    ['threads that never start', { threads: { count: 2, spawn: never } }, 'wasm'],
  ])('%s', async (_, host, executor) => {
    const leave = new AbortController();
    setTimeout(() => leave.abort(), 50);
    const started = performance.now();
    await expect(run(host, { executor, signal: leave.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - started).toBeLessThan(AT_ONCE);
  });

  it('workers that never answer', async () => {
    const leave = new AbortController();
    const workers = { count: 2, start: () => ({ ask: never, terminate: () => {} }) };
    setTimeout(() => leave.abort(), 50);
    const options = { task: 'denoise', signal: leave.signal, host: { workers } } as const;
    const diagnosis = undefined;
    const started = performance.now();
    await expect(restore(image, { ...options, diagnosis, prior: 'nonlocal' })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(performance.now() - started).toBeLessThan(AT_ONCE);
  });
});

it('memory that is short at any allocation whatever: an error of its own, or the processor goes on', async () => {
  let allocations = 0;
  const counted = (call: number) => {
    allocations = call;
    return AS_EVER;
  };
  await run({ gpu: fakeGpu({ device: { createBuffer: counted } }) }, { executor: 'webgpu' });
  expect(allocations).toBeGreaterThan(10);
  for (let nth = 1; nth <= allocations; nth++) {
    const short = (call: number) => (call >= nth ? throws(new RangeError('out of memory'))() : AS_EVER);
    const host = () => ({ gpu: fakeGpu({ device: { createBuffer: short } }), webgl2: () => null });
    await expect(run(host(), { executor: 'webgpu' })).rejects.toMatchObject({ code: 'out-of-memory' });
    const { executor, steps } = await run(host(), {});
    expect([nth, executor, steps]).toEqual([nth, 'wasm', 12]);
  }
});

describe('WebAssembly', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  /** The engine as a page gets it that refuses WebAssembly. */
  async function refusing(refuse: () => void) {
    vi.resetModules();
    refuse();
    return (await import('../../src/engine/index.ts')).restore;
  }
  const noKernels = () => {
    const error = new WebAssembly.CompileError('blocked by the page');
    vi.spyOn(WebAssembly, 'compile').mockRejectedValue(error);
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  };
  const noMemory = () => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
      throw new RangeError('could not allocate');
    });
  };

  it.each<[string, () => void, Partial<RestoreOptions>, string]>([
    [
      'refused to the network',
      noKernels,
      { prior: 'tv', expert: { steps: 3 }, executor: 'wasm' },
      'gpu-unavailable',
    ],
    ['refused to the first answer', noKernels, { prior: 'nonlocal' }, 'gpu-unavailable'],
    ['given no memory', noMemory, { prior: 'tv', expert: { steps: 3 }, executor: 'wasm' }, 'out-of-memory'],
  ])('%s: an error of its own', async (_, refuse, options, code) => {
    const restore = await refusing(refuse);
    const noise = { sigma: 25, growth: 0 };
    const diagnosis = { task: 'denoise', findings: [], noise, patchy: false, impulse: false } as never;
    await expect(restore(image, { task: 'denoise', diagnosis, ...options })).rejects.toMatchObject({ code });
  });
});

describe('what the GPU leaves unanswered counts as lost after half a minute', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the clock run until it is over. */
  async function settled<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    while (!over) await vi.advanceTimersByTimeAsync(500);
    return work;
  }

  it.each<[string, Faults]>([
    ['an adapter', { gpu: { requestAdapter: never } }],
    ['a device', { adapter: { requestDevice: never } }],
    ['a shader', { device: { createComputePipelineAsync: never } }],
    ['an allocation', { device: { popErrorScope: never } }],
    ['a submission', { queue: { onSubmittedWorkDone: from(2, never) } }],
    ['a readback', { buffer: { mapAsync: from(2, never) } }],
  ])('%s: an error of its own, or the processor goes on', async (_, faults) => {
    await expect(settled(run({ gpu: fakeGpu(faults) }, { executor: 'webgpu' }))).rejects.toMatchObject({
      code: expect.stringMatching(/^(device-lost|gpu-unavailable)$/),
    });
    const result = await settled(run({ gpu: fakeGpu(faults), webgl2: () => null }, {}));
    expect(result).toMatchObject({ executor: 'wasm', steps: 12 });
  });
});

describe('threads of the processor', () => {
  it.each<[string, ThreadHost['spawn']]>([
    ['cannot start', () => Promise.reject(new Error('no more threads'))],
    [
      'end before the first step',
      async (_source, _message, onExit) => {
        setTimeout(() => onExit('ended with code 1'), 1);
        return { terminate: () => {} };
      },
    ],
  ])('%s: the calling thread goes on', async (_, spawn) => {
    const result = await run({ threads: { count: 2, spawn } }, { executor: 'wasm' });
    expect(result).toMatchObject({ executor: 'wasm', steps: 12 });
    expect(result.adapter).toMatch(/^1 thread/);
    expect(result.notes.join()).toMatch(/wasm on 2 threads.* failed \(.*(no more threads|ended with code 1)/);
  });
});
