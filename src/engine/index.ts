/**
 * prior-art: restores one damaged image by optimising a network on that image alone. Headless: no DOM, no Figma, no
 * Node; what the platform offers comes in as `EngineHost`.
 */

export {
  ARCHITECTURES,
  type Architecture,
  EXECUTORS,
  type ExecutorChoice,
  INPUTS,
  type NetworkInput,
  OPTIMISERS,
  PRIORS,
  type Prior,
  QUALITIES,
  type Quality,
  TASK_CHOICES,
  TASKS,
  type Task,
  type TaskChoice,
} from './choices.ts';
export { DEFECT_KINDS, type Defect, type DefectKind } from './defects/defect.ts';
export { type Defects, findDefects, withOverlays } from './defects/find.ts';
export { OVERLAY_KINDS, type Overlay, type OverlayKind } from './defects/overlays/judge.ts';
export { describeDefects, describeOverlays } from './defects/words.ts';
export type { AnalyseOptions, Diagnosis } from './diagnosis/analyse.ts';
export { analyse } from './diagnosis/at-once.ts';
export type { JpegTrace } from './diagnosis/jpeg.ts';
export type { NoiseEstimate } from './diagnosis/noise.ts';
export * from './errors.ts';
export { type Cost, estimate, type Subject } from './estimate/estimate.ts';
export type { Executor, ExecutorName, Run, StepRecord } from './executors/executor.ts';
export type {
  AnsweringWorker,
  EngineHost,
  GpuEntry,
  TfjsExecutors,
  ThreadHost,
  WorkerHost,
} from './executors/host.ts';
export { type Erased, erasedArea } from './image/erased.ts';
export { type FitOptions, fitMask } from './image/fit-mask.ts';
export type { RestorableImage, RestoredImage } from './image/forms.ts';
export type { InterleavedImage } from './image/interleaved.ts';
export type { AnyImage } from './image/picture.ts';
export { interpretMask, type MaskOptions, type MaskReading } from './image/read-mask.ts';
export type { TensorImage } from './image/tensor.ts';
export { type MetricOptions, psnr, ssim } from './metrics.ts';
export {
  EXPERT_NUMBERS,
  type ExpertOptions,
  type Mask,
  NUMERIC_OPTIONS,
  type PlanarImage,
  type Preview,
  type Progress,
  type RasterImage,
  type RestoreOptions,
} from './options.ts';
export { type Restoration, restoration, watch } from './restoration.ts';
export { type RestoreResult, restore, type Stage, type StoppedBy } from './restore.ts';
export { RunControl } from './run/run-control.ts';
