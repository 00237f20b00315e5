/** The largest tile of a convolution and of its input gradient, see gather.ts. */
interface GatherLimits {
  /** Threads along a row of the image, even. */
  readonly lanes: number;
  /** Threads of a workgroup, and how many of them share a pixel and differ in output channels. */
  readonly threads: number;
  readonly groups: number;
  /** Rows of the image and output channels (4 or 8) of a thread. */
  readonly rows: number;
  readonly channels: number;
  /** Source channels staged at a time. */
  readonly slice: number;
}

/** The largest block of a weight gradient, see conv-weight.ts. */
interface WeightLimits {
  /** Threads along the input channels (a multiple of 4), of a workgroup, and along the output channels. */
  readonly lanes: number;
  readonly threads: number;
  readonly groups: number;
  /** Input channels of a 1×1 convolution and output channels (4 or 8) of a thread. */
  readonly inputs: number;
  readonly outputs: number;
  /** Output pixels staged at a time. */
  readonly rows: number;
  readonly cols: number;
}

/** What kernel builders may know of the device. */
export interface Profile {
  /** An adapter that runs shaders on CPU threads: barriers are dear, caches are plenty, few threads run at once. */
  readonly software: boolean;
  /** Kernels may use quad operations (the feature "subgroups"). */
  readonly quads: boolean;
  /** Bytes of workgroup memory a kernel may use. */
  readonly workgroupMemory: number;
  /** Workgroups that should run at once to keep the device busy. */
  readonly parallelism: number;
  readonly gather: GatherLimits;
  readonly weight: WeightLimits;
  /** Most multiply-adds of a dispatch, about 100 ms of a weak device. Fewer would leave a strong one idle at each end. */
  readonly dispatchWork: number;
}

/** Default workgroup memory: more would halve how many workgroups a GPU holds at once. */
const WORKGROUP_MEMORY = 16384;

/** What a graphics card without quad operations gets. */
export const GPU_PROFILE: Profile = {
  software: false,
  quads: false,
  workgroupMemory: WORKGROUP_MEMORY,
  parallelism: 512,
  gather: { lanes: 16, threads: 128, groups: 4, rows: 4, channels: 8, slice: 8 },
  weight: { lanes: 32, threads: 256, groups: 4, inputs: 4, outputs: 8, rows: 4, cols: 8 },
  dispatchWork: 5e10,
};

/** What an adapter gets that runs shaders on the CPU; its convolutions are direct ones (direct.ts). */
export const SOFTWARE_PROFILE: Profile = {
  ...GPU_PROFILE,
  software: true,
  parallelism: 16,
  dispatchWork: 2e8,
};

export function profileOf(device: GPUDevice, software: boolean): Profile {
  return {
    ...(software ? SOFTWARE_PROFILE : GPU_PROFILE),
    quads: device.features.has('subgroups'),
    workgroupMemory: Math.min(WORKGROUP_MEMORY, device.limits.maxComputeWorkgroupStorageSize),
  };
}
