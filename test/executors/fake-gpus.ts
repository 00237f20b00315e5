/**
 * Graphics cards that compute nothing, so that everything can go wrong with them: each object answers as the platform's
 * does, and a fault takes the place of some of its methods.
 */

/** Methods that go wrong, by object and name; the others answer. Each gets the number of its call, from 1 on. */
export interface Faults {
  readonly gpu?: Methods;
  readonly adapter?: Methods;
  readonly device?: Methods;
  readonly queue?: Methods;
  readonly buffer?: Methods;
  readonly gl?: Methods;
}
type Methods = Readonly<Record<string, (call: number, device: FakeDevice) => unknown>>;

/** What a fault gives for a call that is to go on as usual. */
export const AS_EVER = Symbol('as ever');

/** The ways in which a device tells that something is wrong, besides what its methods throw. */
interface FakeDevice {
  onuncapturederror: ((event: { error: unknown }) => void) | null;
  lose(message: string): void;
}

export function fakeGpu(faults: Faults): GPU {
  const adapter = faulty({ ...LIMITED, requestDevice: async () => fakeDevice(faults) }, faults.adapter);
  return faulty({ requestAdapter: async () => adapter }, faults.gpu) as unknown as GPU;
}

const limits = new Proxy({}, { get: () => 2 ** 30 });
const LIMITED = { info: { vendor: 'fake', description: 'a fake card' }, limits, features: new Set<string>() };

function fakeDevice(faults: Faults) {
  let lose: (info: { reason: string; message: string }) => void;
  const lost = new Promise<{ reason: string; message: string }>((resolve) => {
    lose = resolve;
  });
  const nothing = () => {};
  const pass = { setPipeline: nothing, setBindGroup: nothing, dispatchWorkgroups: nothing, end: nothing };
  const encoder = { beginComputePass: () => pass, copyBufferToBuffer: nothing, finish: () => ({}) };
  const device: FakeDevice & Record<string, unknown> = {
    ...LIMITED,
    ...{ lost, onuncapturederror: null, destroy: nothing },
    lose: (message) => lose({ reason: 'unknown', message }),
    pushErrorScope: nothing,
    popErrorScope: async () => null,
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    createPipelineLayout: () => ({}),
    createBindGroupLayout: () => ({}),
    createBindGroup: () => ({}),
    createComputePipelineAsync: async () => ({}),
    createCommandEncoder: () => encoder,
    createBuffer: ({ size }: { size: number }) => fakeBuffer(size),
  };
  const fakeBuffer = (size: number) =>
    faulty(
      {
        size,
        destroy: nothing,
        mapAsync: async () => {},
        getMappedRange: (_: number, bytes: number) => new ArrayBuffer(bytes),
        unmap: nothing,
      },
      faults.buffer,
      device,
    );
  device.queue = faulty(
    { writeBuffer: nothing, submit: nothing, onSubmittedWorkDone: async () => {} },
    faults.queue,
    device,
  );
  return faulty(device, faults.device, device);
}

/** A WebGL2 context. */
export function fakeGl(faults: Faults) {
  const parameters: Record<number, unknown> = {
    3379: 4096,
    34852: 8,
    7937: 'a fake card',
    37446: 'a fake card',
  };
  const answers: Record<string, unknown> = {
    canvas: null,
    getParameter: (name: number) => parameters[name],
    getError: () => 0,
    isContextLost: () => false,
    getSyncParameter: () => 0x9119,
    getProgramParameter: () => true,
    checkFramebufferStatus: () => 0x8cd5,
    getShaderInfoLog: () => 'a fake refusal',
  };
  const objects = new Proxy(answers, { get: (known, name) => known[String(name)] ?? (() => ({})) });
  return faulty(objects, faults.gl);
}

const counts = new WeakMap<object, number>();

function faulty<T extends object>(object: T, methods: Methods = {}, device?: FakeDevice): T {
  return new Proxy(object, {
    get(target, name) {
      const usual: unknown = Reflect.get(target, name);
      const fault = Object.hasOwn(methods, name) ? methods[name as string] : undefined;
      if (!fault) return usual;
      return (...values: unknown[]) => {
        const call = (counts.get(fault) ?? 0) + 1;
        counts.set(fault, call);
        const answer = fault(call, device as FakeDevice);
        return answer === AS_EVER ? (usual as (...values: unknown[]) => unknown)(...values) : answer;
      };
    },
  });
}
