import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);

// src/engine/errors.ts
var RestoreError = class extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
    this.name = new.target.name;
  }
  code;
};
var GpuUnavailableError = class extends RestoreError {
  constructor(message) {
    super("gpu-unavailable", message);
  }
};
var DeviceLostError = class extends RestoreError {
  constructor(message) {
    super("device-lost", message);
  }
};
var OutOfMemoryError = class extends RestoreError {
  constructor(message) {
    super("out-of-memory", message);
  }
};
function abortError() {
  return new DOMException("The restoration was aborted.", "AbortError");
}

// src/engine/executors/webgpu/device.ts
var USAGE = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 };
var MAP_READ = 1;
var SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|warp|microsoft basic render|software/i;
function isSoftwareAdapter(info) {
  if (info.isFallbackAdapter) return true;
  return SOFTWARE.test([info.vendor, info.architecture, info.device, info.description].join(" "));
}
function describeAdapter(info) {
  const words = info.description || [info.vendor, info.architecture, info.device].filter(Boolean).join(" ");
  return words || "an unnamed adapter";
}
var HOW_TO = 'Use a browser with WebGPU (Chrome or Edge 113, Safari 26, Firefox 141 or newer), or in Node install the package "webgpu" and a Vulkan driver; or choose the executor "wasm".';
async function requestAdapter(host) {
  const how = host?.gpuHint ?? HOW_TO;
  const gpu = host?.gpu ?? globalThis.navigator?.gpu;
  if (!gpu) throw new GpuUnavailableError(`WebGPU is not offered here. ${how}`);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new GpuUnavailableError(`WebGPU found no graphics adapter. ${how}`);
  return adapter;
}
var LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension"
];
var FEATURES = ["timestamp-query", "shader-f16"];
async function requestDevice(adapter) {
  const requiredLimits = {};
  for (const name of LIMITS) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
  try {
    return await adapter.requestDevice({ requiredLimits, requiredFeatures });
  } catch (error) {
    throw new GpuUnavailableError(
      `${describeAdapter(adapter.info)} gave no device: ${error.message}. ${HOW_TO}`
    );
  }
}

// src/engine/executors/webgpu/pipelines.ts
var PipelineCache = class {
  constructor(device) {
    this.device = device;
  }
  device;
  pipelines = /* @__PURE__ */ new Map();
  layouts = /* @__PURE__ */ new Map();
  get(kernel) {
    const known = this.pipelines.get(kernel.code);
    if (known) return known;
    const pipeline = this.compile(kernel);
    this.pipelines.set(kernel.code, pipeline);
    pipeline.catch(() => this.pipelines.delete(kernel.code));
    return pipeline;
  }
  /** Layouts are explicit: the automatic ones leave out what a kernel happens not to read. */
  layout(kernel) {
    const key = kernel.bindings.map(({ access }) => access).join();
    const known = this.layouts.get(key);
    if (known) return known;
    const storage = kernel.bindings.map(({ access }, i) => ({
      binding: i + 1,
      visibility: 4,
      buffer: { type: access === "read" ? "read-only-storage" : "storage" }
    }));
    const uniform2 = { binding: 0, visibility: 4, buffer: { type: "uniform" } };
    const layout = this.device.createBindGroupLayout({ label: key, entries: [uniform2, ...storage] });
    this.layouts.set(key, layout);
    return layout;
  }
  async compile(kernel) {
    const { device } = this;
    const { label, code } = kernel;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label, code });
    const layout = device.createPipelineLayout({ label, bindGroupLayouts: [this.layout(kernel)] });
    const made = device.createComputePipelineAsync({
      label,
      layout,
      compute: { module, entryPoint: "main" }
    });
    const scope = device.popErrorScope();
    try {
      return await made;
    } catch (error) {
      throw new Error(`The kernel "${label}" does not compile: ${await explain(module, code, error)}`);
    } finally {
      await scope;
    }
  }
};
async function explain(module, code, error) {
  const { messages } = await module.getCompilationInfo();
  const lines = code.split("\n");
  const errors = messages.filter(({ type }) => type === "error");
  if (errors.length === 0) return error.message;
  return errors.map(({ lineNum, message }) => `${message} in "${lines[lineNum - 1]?.trim()}"`).join("; ");
}

// src/engine/plan/plan.ts
var STATE = {
  step: 0,
  /** Multiplies every learning rate; written by the host. */
  rate: 1,
  /** Multiplies every input-noise std; written by the host. */
  noise: 2,
  loss: 3,
  variance: 4,
  bestVariance: 5,
  bestStep: 6,
  /** 1 when this step set a new best. */
  improved: 7
};
var STATE_FLOATS = 16;
var LOG_ROWS = 1024;
var LOG_COLUMNS = 2;
var ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
function planBytes(plan2) {
  return plan2.slots.reduce((sum, floats) => sum + floats * 4, 0);
}
function namedBuffer(plan2, name) {
  const id = plan2.named.get(name);
  if (id === void 0)
    throw new Error(`The plan has no buffer "${name}"; it has ${[...plan2.named.keys()].join(", ")}.`);
  return id;
}

// src/engine/executors/checkpoint.ts
var CHECKPOINT_BUFFERS = ["theta", "moment1", "moment2", "ema", "varianceMean"];
var CheckpointSlots = class {
  newest = 1;
  held = 0;
  /** The slot to save into: the older one. */
  save() {
    this.newest = 1 - this.newest;
    this.held = Math.min(2, this.held + 1);
    return this.newest;
  }
  /** The slot to restore from, which then is the only one held. */
  rollback() {
    if (this.held === 0) throw new RestoreError("diverged", "There is no checkpoint to roll back to.");
    if (this.held === 2) this.newest = 1 - this.newest;
    this.held = 1;
    return this.newest;
  }
};

// src/engine/executors/webgpu/buffers.ts
var megabytes = (bytes) => `${Math.ceil(bytes / 2 ** 20)} MB`;
var BufferPool = class {
  constructor(device, count) {
    this.device = device;
    this.count = count;
  }
  device;
  count;
  bytes = 0;
  live = /* @__PURE__ */ new Set();
  /** Readback buffers that wait to be used again, by size. */
  idle = /* @__PURE__ */ new Map();
  storage(label, floats) {
    return this.create(label, floats * 4, USAGE.storage | USAGE.copySource | USAGE.copyTarget);
  }
  /** A buffer of fixed contents. */
  filled(label, data, usage) {
    const buffer = this.create(label, data.byteLength, usage | USAGE.copyTarget);
    this.device.queue.writeBuffer(buffer, 0, data.buffer, data.byteOffset, data.byteLength);
    return buffer;
  }
  /** A buffer to read `bytes` back with; hand it back to `release` when unmapped. */
  readback(bytes) {
    return this.idle.get(bytes)?.pop() ?? this.create("readback", bytes, USAGE.mapRead | USAGE.copyTarget);
  }
  release(buffer) {
    this.idle.set(buffer.size, [...this.idle.get(buffer.size) ?? [], buffer]);
  }
  destroy() {
    for (const buffer of this.live) buffer.destroy();
    this.count(-this.live.size);
    this.live.clear();
    this.idle.clear();
    this.bytes = 0;
  }
  create(label, bytes, usage) {
    const size2 = Math.max(16, Math.ceil(bytes / 4) * 4);
    checkSize(this.device, label, size2);
    const buffer = this.device.createBuffer({ label, size: size2, usage });
    this.live.add(buffer);
    this.count(1);
    this.bytes += size2;
    return buffer;
  }
};
function checkSize(device, label, bytes) {
  const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
  if (bytes <= most) return;
  throw new OutOfMemoryError(
    `The buffer "${label}" needs ${megabytes(bytes)}, this GPU allows ${megabytes(most)} in one buffer. Use a smaller image or network, or the executor "wasm".`
  );
}

// src/engine/executors/webgpu/wgsl.ts
var planRef = (id) => ({ kind: "plan", id });
var sameBuffer = (a, b) => a.kind === "plan" && b.kind === "plan" && a.id === b.id || a.kind === "scratch" && b.kind === "scratch" && a.name === b.name || a.kind === "constant" && b.kind === "constant" && a.data === b.data;
var KernelBuilder = class {
  entries = [];
  constants = [];
  shared = [];
  read(buffer, element = "f32") {
    return this.bind(buffer, "read", element);
  }
  write(buffer, element = "f32") {
    return this.bind(buffer, "read_write", element);
  }
  /** A whole number from the uniform block, as a `let` of this name at the top of main. */
  u32(name, value) {
    if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 32))
      throw new Error(`Kernel constant ${name} must be a whole number below 2\xB3\xB2, got ${value}.`);
    return this.constant(name, value, "u32");
  }
  f32(name, value) {
    return this.constant(name, new Uint32Array(Float32Array.of(value).buffer)[0], "f32");
  }
  /** A workgroup array. */
  workgroup(name, element, length) {
    this.shared.push(`var<workgroup> ${name}: array<${element}, ${length}>;`);
    return name;
  }
  /** `body` may use wg, lid, li (index in the workgroup) and gid, and every name handed out before. */
  finish(label, size2, workgroups, work, body, functions = "") {
    const names = "xyzw";
    const lets = this.constants.map(({ name, type }, i) => {
      const at = `constants[${i >> 2}].${names[i & 3]}`;
      return `let ${name} = ${type === "u32" ? at : `bitcast<f32>(${at})`};`;
    });
    const block = Math.max(1, ceilDiv(this.constants.length, 4));
    const code = `${this.declarations(block)}
${functions}
@compute @workgroup_size(${size2.join(", ")})
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(local_invocation_index) li: u32, @builtin(global_invocation_id) gid: vec3<u32>) {
  ${lets.join("\n  ")}
${body}
}`;
    const constants2 = new Uint32Array(block * 4);
    this.constants.forEach(({ bits: bits2 }, i) => {
      constants2[i] = bits2;
    });
    const bindings = this.entries.map(({ buffer, access }) => ({ buffer, access }));
    return { label, code, bindings, constants: constants2, workgroups, work };
  }
  declarations(block) {
    const buffers = this.entries.map(({ access, element }, i) => {
      const type = element === "vec4f" ? "vec4<f32>" : element;
      return `@group(0) @binding(${i + 1}) var<storage, ${access}> b${i}: array<${type}>;`;
    });
    const uniform2 = `@group(0) @binding(0) var<uniform> constants: array<vec4<u32>, ${block}>;`;
    return [uniform2, ...buffers, ...this.shared].join("\n");
  }
  constant(name, bits2, type) {
    const known = this.constants.find((constant) => constant.name === name);
    if (known && known.bits !== bits2) throw new Error(`Kernel constant ${name} has two values.`);
    if (!known) this.constants.push({ name, bits: bits2, type });
    return name;
  }
  bind(buffer, access, element) {
    const at = this.entries.findIndex((entry2) => sameBuffer(entry2.buffer, buffer));
    if (at < 0) return `b${this.entries.push({ buffer, access, element }) - 1}`;
    const entry = this.entries[at];
    if (entry.element !== element)
      throw new Error(`One buffer bound both as ${entry.element} and as ${element}.`);
    if (access === "read_write") entry.access = access;
    return `b${at}`;
  }
};
function float(value) {
  const f = Math.fround(value);
  if (!Number.isFinite(f)) throw new Error(`No WGSL literal for ${value}.`);
  const text = String(f);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}
function activate(activation, v) {
  if (activation === null) return v;
  if (activation.kind === "sigmoid") return `(1.0 / (1.0 + exp(-(${v}))))`;
  if (activation.slope === 0) return `max(${v}, 0.0)`;
  return `select(${v} * ${float(activation.slope)}, ${v}, ${v} > 0.0)`;
}
function activateSlope(activation, n) {
  if (activation === null) return "1.0";
  if (activation.kind === "leakyRelu") return `select(${float(activation.slope)}, 1.0, ${n} > 0.0)`;
  const s = activate(activation, n);
  return `(${s} * (1.0 - ${s}))`;
}
function affineLoad(view, k, c) {
  if (view.affine === null) return "";
  const affine = k.read(planRef(view.affine));
  const channels = k.u32("affine_channels", view.channels);
  return `let scale = ${affine}[${c}]; let shift = ${affine}[${channels} + ${c}];`;
}
function affineApply(view, raw) {
  return view.affine === null ? raw : `(scale * ${raw} + shift)`;
}
var planeSize = (slice) => slice.height * slice.width;
var sliceFloats = (slice) => slice.channels * slice.height * slice.width;
var ceilDiv = (a, b) => Math.ceil(a / b);
var roundUp = (a, b) => ceilDiv(a, b) * b;
var shapeText = (slice) => `${slice.channels}\xD7${slice.height}\xD7${slice.width}`;

// src/engine/executors/webgpu/lowering.ts
var named = ({ plan: plan2 }, name) => planRef(namedBuffer(plan2, name));
var parameterOffset = ({ plan: plan2 }, id) => plan2.parameters[id].offset;

// src/engine/executors/webgpu/kernels/adam.ts
var THREADS = 64;
var EACH = 4;
var FUNCTIONS = `
fn one_minus_power(x: f32) -> f32 {
  if (x < -0.3) { return 1.0 - exp(x); }
  return -x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
}`;
function adamKernel(call, context) {
  const k = new KernelBuilder();
  const state = k.read(named(context, "state"));
  const gradient = k.read(named(context, "gradient"));
  const [theta, m, v] = ["theta", "moment1", "moment2"].map((name) => k.write(named(context, name)));
  const floats = call.to - call.from;
  const stretch = THREADS * EACH;
  const body = `
  let t = ${state}[${STATE.step}] + 1.0;
  let rate = ${k.f32("learning_rate", call.learningRate)} * ${state}[${STATE.rate}]
    / one_minus_power(t * ${float(Math.log(ADAM.beta1))});
  let correction = 1.0 / one_minus_power(t * ${float(Math.log(ADAM.beta2))});
  for (var e = 0u; e < ${EACH}u; e++) {
    let i = ${k.u32("first", call.from)} + wg.x * ${stretch}u + e * ${THREADS}u + li;
    if (i >= ${k.u32("end", call.to)}) { break; }
    let g = ${gradient}[i];
    let m_new = ${float(ADAM.beta1)} * ${m}[i] + ${float(1 - ADAM.beta1)} * g;
    let v_new = ${float(ADAM.beta2)} * ${v}[i] + ${float(1 - ADAM.beta2)} * g * g;
    ${m}[i] = m_new;
    ${v}[i] = v_new;
    ${theta}[i] -= rate * m_new / (sqrt(v_new * correction) + ${float(ADAM.epsilon)});
  }`;
  return k.finish("adam", [THREADS, 1, 1], [ceilDiv(floats, stretch), 1, 1], floats, body, FUNCTIONS);
}

// src/engine/executors/webgpu/kernels/gather.ts
function forwardAxis(size2, kernel, stride) {
  const pad = (kernel - 1) / 2;
  const taps = [Array.from({ length: kernel }, (_, k) => ({ tap: k, offset: k - pad }))];
  return { step: stride, outs: 1, taps, sourceSize: size2, outSize: ceilDiv(size2, stride), folds: [] };
}
function backwardAxis(size2, kernel, stride) {
  const pad = (kernel - 1) / 2;
  const sourceSize2 = ceilDiv(size2, stride);
  const taps = Array.from(
    { length: stride },
    (_, part) => Array.from({ length: kernel }, (_2, tap) => ({ tap, offset: (part + pad - tap) / stride })).filter(
      ({ offset }) => Number.isInteger(offset)
    )
  );
  const folds = [];
  for (let j = -pad; j < size2 + pad; j++) {
    if (j >= 0 && j < size2) continue;
    const out = j < 0 ? -j : 2 * (size2 - 1) - j;
    for (let tap = 0; tap < kernel; tap++) {
      const extra = (j + pad - tap) / stride;
      if (!Number.isInteger(extra) || extra < 0 || extra >= sourceSize2) continue;
      const part = out % stride;
      const offset = (part + pad - tap) / stride;
      folds.push({ out, tap, offset, extra });
    }
  }
  return { step: 1, outs: stride, taps, sourceSize: sourceSize2, outSize: size2, folds };
}
function layoutOf({ rows, cols, tile }) {
  const offsets = (axis) => axis.taps.flat().map(({ offset }) => offset);
  const minY = Math.min(...offsets(rows));
  const minX = Math.min(...offsets(cols));
  const tileX = tile.lanesX;
  const tileY = tile.lanesY * tile.rows;
  const stagedRows = rows.step * (tileY - 1) + Math.max(...offsets(rows)) - minY + 1;
  const stagedCols = cols.step * (tileX - 1) + Math.max(...offsets(cols)) - minX + 1;
  const half = cols.step === 2 ? ceilDiv(stagedCols, 2) : stagedCols;
  const extras = [];
  const classes = [];
  const plainCols = cols.step * half;
  cols.taps.forEach((taps, part) => {
    for (const { tap, offset } of taps) {
      const overrides = cols.folds.filter((fold) => fold.tap === tap && fold.out % cols.outs === part).map((fold) => {
        const unit = Math.floor(fold.out / cols.outs);
        return { unit, extra: plainCols + extras.push({ unit, offset, extra: fold.extra }) - 1 };
      });
      const shared = classes.find((c) => c.offset === offset && c.overrides.length === 0);
      if (overrides.length === 0 && shared) shared.uses.push({ part, tap });
      else classes.push({ offset, uses: [{ part, tap }], overrides });
    }
  });
  let pitch = plainCols + extras.length;
  if (tile.lanesX === 16 && tile.lanesY > 1)
    while (pitch * rows.step * tile.rows % 32 % 16 !== 0 && pitch < plainCols + 8) pitch++;
  const threads = tile.lanesX * tile.lanesY * tile.groups;
  const threadQuads = tile.channels / 4;
  const quads = tile.groups * threadQuads;
  return {
    minY,
    minX,
    tileX,
    tileY,
    stagedRows,
    stagedCols,
    half,
    pitch,
    extras,
    classes,
    threads,
    quads,
    threadQuads
  };
}
function gatherMemory(gather) {
  const { stagedRows, pitch, quads } = layoutOf(gather);
  const weights = gather.tile.stageWeights ? gather.kernel ** 2 * quads * 4 : 0;
  return 4 * gather.tile.slice * (stagedRows * pitch + weights);
}
var reflected = (i, size2) => `max(0, min(abs(${i}), 2 * (i32(${size2}) - 1) - abs(${i})))`;
function stageSource(g, l, src, k) {
  const { source, tile, border } = g;
  const sample = (x) => activate(source.activation, affineApply(source, `${src}[line + u32(${x})]`));
  const zero = border === "zero";
  const ragged = source.channels % tile.slice !== 0;
  const inside = [
    ...ragged ? ["c < source_channels"] : [],
    ...zero ? ["y >= 0 && y < i32(source_height)"] : []
  ];
  const row = `sy0 + i32(r % ${l.stagedRows}u)`;
  const position = g.cols.step === 2 ? `(col & 1u) * ${l.half}u + (col >> 1u)` : "col";
  const extras = l.extras.map(({ unit, offset, extra }, e) => {
    const own = unit + offset >= 0 && unit + offset < source.width;
    const [tileX, at] = [k.u32(`extra_tile${e}`, Math.floor(unit / l.tileX)), k.u32(`extra_at${e}`, extra)];
    const ownAt = own ? k.u32(`extra_own${e}`, unit + offset) : "";
    return `
      if (lid.x == ${e % tile.lanesX}u && wg.x == ${tileX}) {
        var v = 0.0;
        if (inside) { v = ${sample(at)}${own ? ` + ${sample(ownAt)}` : ""}; }
        source_tile[r * ${l.pitch}u + ${l.half * g.cols.step + e}u] = v;
      }`;
  });
  return `
    for (var r = lid.y + lid.z * ${tile.lanesY}u; r < ${tile.slice * l.stagedRows}u; r += ${l.threads / tile.lanesX}u) {
      let c = s + r / ${l.stagedRows}u;
      ${zero ? `let y = ${row};` : `let row = ${row}; let y = ${reflected("row", "source_height")};`}
      let inside = ${inside.join(" && ") || "true"};
      let line = source_offset + (c * source_height + u32(y)) * source_width;
      ${affineLoad(source, k, ragged ? "min(c, source_channels - 1u)" : "c")}
      for (var col = lid.x; col < ${l.stagedCols}u; col += ${tile.lanesX}u) {
        let at = sx0 + i32(col);
        ${zero ? "let x = at;" : `let x = ${reflected("at", "source_width")};`}
        var v = 0.0;
        if (inside${zero ? " && x >= 0 && x < i32(source_width)" : ""}) { v = ${sample("x")}; }
        source_tile[r * ${l.pitch}u + ${position}] = v;
      }${extras.join("")}
    }`;
}
function stageWeights(g, l, weights) {
  if (!g.tile.stageWeights) return "";
  const taps = g.kernel ** 2;
  return `
    for (var i = li; i < ${g.tile.slice * taps * l.quads}u; i += ${l.threads}u) {
      weight_tile[i] = ${weights}[weight_offset + (s * ${taps}u + i / ${l.quads}u) * weight_quads + wg.z * ${l.quads}u + i % ${l.quads}u];
    }`;
}
var sumName = (unit, partY, partX, quad) => `a${unit}_${partY}_${partX}_${quad}`;
function sums(g, l) {
  const all = [];
  for (let unit = 0; unit < g.tile.rows; unit++)
    for (let partY = 0; partY < g.rows.outs; partY++)
      for (let partX = 0; partX < g.cols.outs; partX++)
        for (let quad = 0; quad < l.threadQuads; quad++)
          all.push({ unit, partY, partX, quad, name: sumName(unit, partY, partX, quad) });
  return all;
}
function rowFolds(g, l, k) {
  return g.rows.folds.map(({ out, tap, extra }, f) => {
    const unit = Math.floor(out / g.rows.outs);
    const tileY = Math.floor(unit / l.tileY);
    const lane = Math.floor(unit % l.tileY / g.tile.rows);
    return {
      condition: `wg.y == ${k.u32(`fold_tile${f}`, tileY)} && lid.y == ${k.u32(`fold_lane${f}`, lane)}`,
      staged: k.u32(`fold_row${f}`, extra - (tileY * l.tileY * g.rows.step + l.minY)),
      unit: unit % g.tile.rows,
      part: out % g.rows.outs,
      tap
    };
  });
}
function rowLoads(g, l, column) {
  const needed = /* @__PURE__ */ new Set();
  for (let unit = 0; unit < g.tile.rows; unit++)
    for (const taps of g.rows.taps)
      for (const { offset } of taps) needed.add(g.rows.step * unit + offset - l.minY);
  return [...needed].sort((a, b) => a - b).map((row) => `let v${row} = source_tile[tile_base + ${row * l.pitch}u + ${column}];`);
}
function addColumn(g, l, folds, tapX, partX, column, weights) {
  const { rows, kernel, tile } = g;
  const lines = [];
  for (let tapY = 0; tapY < kernel; tapY++) {
    const hits = rows.taps.flatMap(
      (taps, partY) => taps.filter(({ tap: tap2 }) => tap2 === tapY).map(({ offset }) => ({ partY, offset }))
    );
    if (hits.length === 0) continue;
    lines.push("{");
    const tap = `(${tapY * kernel}u + ${tapX})`;
    for (let quad = 0; quad < l.threadQuads; quad++)
      lines.push(
        tile.stageWeights ? `let w${quad} = weight_tile[weight_base + ${tap} * ${l.quads}u + ${quad}u];` : `let w${quad} = ${weights}[weight_base + ${tap} * weight_quads + ${quad}u];`
      );
    for (const { partY, offset } of hits)
      for (let unit = 0; unit < tile.rows; unit++)
        for (let quad = 0; quad < l.threadQuads; quad++)
          lines.push(
            `${sumName(unit, partY, partX, quad)} += v${rows.step * unit + offset - l.minY} * w${quad};`
          );
    for (const fold of folds.filter((f) => f.tap === tapY)) {
      lines.push(
        `if (${fold.condition}) { let e = source_tile[(ch * ${l.stagedRows}u + ${fold.staged}) * ${l.pitch}u + ${column}];`
      );
      for (let quad = 0; quad < l.threadQuads; quad++)
        lines.push(`${sumName(fold.unit, fold.part, partX, quad)} += e * w${quad};`);
      lines.push("}");
    }
    lines.push("}");
  }
  return lines;
}
function unrolled(g, l, folds, weights) {
  const lines = l.classes.flatMap((column, k) => [
    "{",
    ...rowLoads(g, l, `column_${k}`),
    ...column.uses.flatMap(
      ({ part, tap }) => addColumn(g, l, folds, `${tap}u`, part, `column_${k}`, weights)
    ),
    "}"
  ]);
  return lines.join("\n");
}
function rolled(g, l, folds, weights, k) {
  const { cols, kernel } = g;
  const descending = cols.taps[0].length > 1 && cols.taps[0][0].offset > cols.taps[0][1].offset;
  const at = descending ? `${kernel - 1}u - tap` : "tap";
  const plain2 = cols.step === 2 ? `((${at}) & 1u) * ${l.half}u + ((${at}) >> 1u)` : at;
  const overrides = cols.folds.map(({ tap, out }, i) => {
    const extra = cols.step * l.half + l.extras.findIndex((e) => e.unit === out && e.extra === cols.folds[i].extra);
    return `if (tap == ${tap}u && unit_x == ${k.u32(`fold_column${i}`, out)}) { column = ${extra}u; }`;
  });
  return `for (var tap = 0u; tap < ${kernel}u; tap++) {
      var column = lid.x + ${plain2};
      ${overrides.join("\n      ")}
      ${[...rowLoads(g, l, "column"), ...addColumn(g, l, folds, "tap", 0, "column", weights)].join("\n      ")}
      }`;
}
function store(g, l, out) {
  const { rows, cols, tile } = g;
  const lines = ["let plane = out_height * out_width;"];
  const ragged = g.out.channels % (l.quads * 4) !== 0;
  for (let unit = 0; unit < tile.rows; unit++)
    for (let partY = 0; partY < rows.outs; partY++)
      for (let partX = 0; partX < cols.outs; partX++) {
        lines.push(`{ let y = (unit_y + ${unit}u) * ${rows.outs}u + ${partY}u; let x = unit_x * ${cols.outs}u + ${partX}u;
      if (y < out_height && x < out_width) {
        let at = out_offset + first * plane + y * out_width + x;`);
        for (let i = 0; i < l.threadQuads * 4; i++) {
          const value = `${sumName(unit, partY, partX, i >> 2)}.${"xyzw"[i & 3]}`;
          const line = `${out}[at + ${i}u * plane] ${g.accumulate ? "+=" : "="} ${value};`;
          lines.push(ragged ? `if (first + ${i}u < out_channels) { ${line} }` : line);
        }
        lines.push("} }");
      }
  return lines.join("\n");
}
function declareSums(g, l, bias) {
  const lines = [`let first = wg.z * ${l.quads * 4}u + lid.z * ${l.threadQuads * 4}u;`];
  for (let quad = 0; quad < l.threadQuads; quad++) {
    const at = (i) => `${bias}[bias_offset + min(first + ${quad * 4 + i}u, out_channels - 1u)]`;
    const start = bias === null ? "vec4<f32>()" : `vec4<f32>(${[0, 1, 2, 3].map(at).join(", ")})`;
    lines.push(`let start${quad} = ${start};`);
  }
  for (const { name, quad } of sums(g, l)) lines.push(`var ${name} = start${quad};`);
  return lines.join("\n  ");
}
function columnLets(g, l, k) {
  const lines = l.classes.map(({ offset, overrides }, i) => {
    const at = offset - l.minX;
    const plain2 = g.cols.step === 2 ? (at & 1) * l.half + (at >> 1) : at;
    const chosen = overrides.reduce(
      (otherwise, { unit, extra }, o) => `select(${otherwise}, ${extra}u, unit_x == ${k.u32(`column${i}_${o}`, unit)})`,
      `lid.x + ${plain2}u`
    );
    return `let column_${i} = ${chosen};`;
  });
  return lines.join("\n  ");
}
function declareSizes(g, k) {
  const { source, out, rows, cols } = g;
  k.u32("source_offset", source.offset);
  k.u32("source_channels", source.channels);
  k.u32("source_height", source.height);
  k.u32("source_width", source.width);
  k.u32("out_offset", out.offset);
  k.u32("out_channels", out.channels);
  k.u32("out_height", rows.outSize);
  k.u32("out_width", cols.outSize);
  k.u32("weight_offset", g.weightOffset);
  k.u32("weight_quads", g.weightQuads);
  if (g.bias) k.u32("bias_offset", g.bias.offset);
}
function buildGather(g, k) {
  const { tile, rows, cols, kernel, source } = g;
  const l = layoutOf(g);
  const taps = kernel ** 2;
  declareSizes(g, k);
  const src = k.read(planRef(source.buffer));
  const weights = k.read(g.weights, "vec4f");
  const bias = g.bias && k.read(g.bias.buffer);
  const staged = stageSource(g, l, src, k);
  const out = k.write(g.out.buffer);
  const loop = !tile.unroll && rows.outs === 1;
  const columns = loop ? "" : columnLets(g, l, k);
  const folds = rowFolds(g, l, k);
  const inner = loop ? rolled(g, l, folds, weights, k) : unrolled(g, l, folds, weights);
  k.workgroup("source_tile", "f32", tile.slice * l.stagedRows * l.pitch);
  if (tile.stageWeights) k.workgroup("weight_tile", "vec4<f32>", tile.slice * taps * l.quads);
  const weightBase = tile.stageWeights ? `ch * ${taps * l.quads}u + lid.z * ${l.threadQuads}u` : `weight_offset + (s + ch) * ${taps}u * weight_quads + wg.z * ${l.quads}u + lid.z * ${l.threadQuads}u`;
  const body = `
  let unit_x = wg.x * ${l.tileX}u + lid.x;
  let unit_y = wg.y * ${l.tileY}u + lid.y * ${tile.rows}u;
  let sy0 = i32(wg.y * ${l.tileY * rows.step}u) + ${l.minY};
  let sx0 = i32(wg.x * ${l.tileX * cols.step}u) + ${l.minX};
  ${columns}
  ${declareSums(g, l, bias)}
  for (var s = 0u; s < source_channels; s += ${tile.slice}u) {
    ${staged}
    ${stageWeights(g, l, weights)}
    workgroupBarrier();
    for (var ch = 0u; ch < ${tile.slice}u; ch++) {
      let tile_base = (ch * ${l.stagedRows}u + lid.y * ${tile.rows * rows.step}u) * ${l.pitch}u;
      let weight_base = ${weightBase};
      ${inner}
    }
    workgroupBarrier();
  }
  ${store(g, l, out)}`;
  const workgroups = [
    ceilDiv(ceilDiv(cols.outSize, cols.outs), l.tileX),
    ceilDiv(ceilDiv(rows.outSize, rows.outs), l.tileY),
    ceilDiv(roundUp(g.out.channels, 4), l.quads * 4)
  ];
  const work = g.out.channels * rows.outSize * cols.outSize * source.channels * taps / (rows.outs * cols.outs);
  return k.finish(g.label, [tile.lanesX, tile.lanesY, tile.groups], workgroups, work, body);
}

// src/engine/executors/webgpu/kernels/conv.ts
function planConv(call, context) {
  const { kernel, stride, x, out } = call;
  const bias = call.bias === null ? null : { buffer: named(context, "theta"), offset: parameterOffset(context, call.bias) };
  return planGather(context, call.weight, kernel, {
    label: `conv ${kernel}\xD7${kernel}${stride > 1 ? " \xF72" : ""} ${shapeText(x)} to ${out.channels}`,
    rows: forwardAxis(x.height, kernel, stride),
    cols: forwardAxis(x.width, kernel, stride),
    border: "reflect",
    source: x,
    out: { buffer: planRef(out.buffer), offset: out.offset, channels: out.channels },
    accumulate: false,
    bias
  });
}
function planConvBackwardInput(call, context) {
  const { kernel, stride, dy, dx } = call;
  return planGather(context, call.weight, kernel, {
    label: `convBackwardInput ${kernel}\xD7${kernel}${stride > 1 ? " \xF72" : ""} ${shapeText(dy)} to ${shapeText(dx)}`,
    rows: backwardAxis(dx.height, kernel, stride),
    cols: backwardAxis(dx.width, kernel, stride),
    border: "zero",
    source: { ...dy, affine: null, activation: null },
    out: { buffer: planRef(dx.buffer), offset: dx.offset, channels: dx.channels },
    accumulate: call.accumulate,
    bias: null
  });
}
function planGather(context, parameter, kernel, unpacked) {
  const { source, out, border } = unpacked;
  const tile = chooseTile(unpacked, kernel, context.profile);
  const paddedOutputs = roundUp(out.channels, tile.groups * tile.channels);
  const taps = kernel ** 2;
  const forward = border === "reflect";
  const inputs2 = forward ? source.channels : out.channels;
  const pack = {
    parameter,
    taps,
    sources: source.channels,
    outputs: out.channels,
    paddedOutputs,
    paddedSources: roundUp(source.channels, tile.slice),
    sourceStride: forward ? taps : inputs2 * taps,
    outputStride: forward ? inputs2 * taps : taps,
    flipped: false
  };
  return {
    pack,
    build: (weights, offset) => [
      buildGather(
        { ...unpacked, kernel, tile, weights, weightOffset: offset / 4, weightQuads: paddedOutputs / 4 },
        new KernelBuilder()
      )
    ]
  };
}
function chooseSlice(channels, largest) {
  const slices = ceilDiv(channels, largest);
  return ceilDiv(channels, slices);
}
function chooseTile(g, kernel, profile) {
  const units = (axis) => ceilDiv(axis.outSize, axis.outs);
  const [height, width] = [units(g.rows), units(g.cols)];
  const lanesX = width > 8 ? 16 : 8;
  const most = g.rows.outs === 2 ? 1 : 4;
  const rows = Math.min(most, height);
  const channels = g.out.channels > 4 ? 8 : 4;
  const groups = ceilDiv(g.out.channels, channels);
  const perTile = ceilDiv(groups, ceilDiv(groups, 4));
  const lanesY = profile.software ? 1 : Math.max(1, Math.min(ceilDiv(height, rows), Math.floor(128 / (lanesX * perTile))));
  const tile = (slice) => ({
    lanesX,
    lanesY,
    groups: perTile,
    rows,
    channels,
    slice: chooseSlice(g.source.channels, slice),
    stageWeights: !profile.software,
    unroll: !profile.software
  });
  for (let slice = 8; slice > 1; slice--)
    if (gatherMemory({ ...g, kernel, tile: tile(slice) }) <= profile.workgroupMemory) return tile(slice);
  return tile(1);
}

// src/engine/executors/webgpu/kernels/conv-weight.ts
function chooseShape(call, profile) {
  const { kernel, stride, x, dy } = call;
  const inputs2 = kernel === 1 && x.channels > 8 ? 4 : 1;
  const lanesNeeded = ceilDiv(x.channels, inputs2);
  const lanes = roundUp(ceilDiv(lanesNeeded, ceilDiv(lanesNeeded, 32)), 4);
  const outputs = dy.channels > 4 ? 8 : 4;
  const groupsNeeded = ceilDiv(dy.channels, outputs);
  const most = Math.max(1, Math.min(4, Math.floor(256 / (lanes * kernel))));
  const groups = ceilDiv(groupsNeeded, ceilDiv(groupsNeeded, most));
  const cols = Math.min(8, dy.width);
  const shape = (rows) => {
    const stagedRows = stride * (rows - 1) + kernel;
    const stagedCols = stride * (cols - 1) + kernel;
    const pitch = lanes * inputs2 + 1;
    const threads = lanes * kernel * groups;
    return {
      kernel,
      stride,
      lanes,
      inputs: inputs2,
      groups,
      outputs,
      rows,
      cols,
      stagedRows,
      stagedCols,
      pitch,
      threads
    };
  };
  for (let rows = Math.min(4, dy.height); rows > 1; rows--)
    if (memoryOf(shape(rows)) <= profile.workgroupMemory) return shape(rows);
  return shape(1);
}
var memoryOf = (s) => 4 * (s.stagedRows * s.stagedCols * s.pitch + s.rows * s.cols * s.groups * s.outputs);
var MOST_PARTIALS = 2 ** 23;
function planConvBackwardWeight(call, context) {
  const { x, dy, kernel } = call;
  const s = chooseShape(call, context.profile);
  const blocks = ceilDiv(x.channels, s.lanes * s.inputs) * ceilDiv(dy.channels, s.groups * s.outputs);
  const strips = ceilDiv(dy.height, s.rows) * ceilDiv(dy.width, s.cols);
  const weights = dy.channels * x.channels * kernel ** 2;
  const wanted = Math.min(
    ceilDiv(context.profile.parallelism, blocks),
    Math.max(1, Math.floor(MOST_PARTIALS / weights))
  );
  const perShare = ceilDiv(strips, Math.min(strips, wanted));
  const shares = ceilDiv(strips, perShare);
  const biases = call.bias === null ? 0 : dy.channels;
  return {
    shares,
    weights,
    biases,
    build: (partials2, offset) => [build(call, s, { shares, perShare, strips, biases }, partials2, offset)]
  };
}
function declareSizes2(call, k) {
  const { x, dy } = call;
  k.u32("x_offset", x.offset);
  k.u32("x_channels", x.channels);
  k.u32("x_height", x.height);
  k.u32("x_width", x.width);
  k.u32("dy_offset", dy.offset);
  k.u32("dy_channels", dy.channels);
  k.u32("dy_height", dy.height);
  k.u32("dy_width", dy.width);
}
function stageX(call, s, x, k) {
  const pad = (s.kernel - 1) / 2;
  const channels = s.lanes * s.inputs;
  const reflected3 = (i, size2) => `u32(max(0, min(abs(${i}), 2 * (i32(${size2}) - 1) - abs(${i}))))`;
  const value = activate(
    call.x.activation,
    affineApply(call.x, `${x}[x_offset + (c * x_height + y) * x_width + xx]`)
  );
  return `
    for (var i = li; i < ${s.stagedRows * s.stagedCols * channels}u; i += ${s.threads}u) {
      let col = i % ${s.stagedCols}u;
      let row = (i / ${s.stagedCols}u) % ${s.stagedRows}u;
      let ch = i / ${s.stagedCols * s.stagedRows}u;
      let c = min(first_input + ch, x_channels - 1u);
      let at_y = i32((y0 * ${s.stride}u) + row) - ${pad};
      let at_x = i32((x0 * ${s.stride}u) + col) - ${pad};
      let y = ${reflected3("at_y", "x_height")};
      let xx = ${reflected3("at_x", "x_width")};
      ${affineLoad(call.x, k, "c")}
      x_tile[(row * ${s.stagedCols}u + col) * ${s.pitch}u + ch] = ${value};
    }`;
}
function stageDy(s, dy) {
  const quads = s.groups * s.outputs / 4;
  return `
    for (var i = li; i < ${s.rows * s.cols * quads}u; i += ${s.threads}u) {
      let col = i % ${s.cols}u;
      let row = (i / ${s.cols}u) % ${s.rows}u;
      let quad = i / ${s.cols * s.rows}u;
      var v = vec4<f32>();
      if (y0 + row < dy_height && x0 + col < dy_width) {
        for (var j = 0u; j < 4u; j++) {
          let o = first_output + quad * 4u + j;
          if (o < dy_channels) { v[j] = ${dy}[dy_offset + (o * dy_height + y0 + row) * dy_width + x0 + col]; }
        }
      }
      dy_tile[(row * ${s.cols}u + col) * ${quads}u + quad] = v;
    }`;
}
var sumName2 = (input, tap, quad) => `a${input}_${tap}_${quad}`;
function accumulateRow(s) {
  const quads = s.outputs / 4;
  const all = s.groups * s.outputs / 4;
  const inputs2 = Array.from({ length: s.inputs }, (_, i) => i);
  const taps = Array.from({ length: s.kernel }, (_, i) => i);
  const load = (at, input) => `x_tile[x_base + (${at}) * ${s.pitch}u + ${input * s.lanes}u]`;
  const sums2 = (col, v) => [
    ...Array.from({ length: quads }, (_, q) => `let d${q} = dy_tile[dy_base + ${col} * ${all}u + ${q}u];`),
    ...inputs2.flatMap(
      (i) => taps.flatMap(
        (tap) => Array.from({ length: quads }, (_, q) => `${sumName2(i, tap, q)} += ${v(tap, i)} * d${q};`)
      )
    )
  ];
  const lines = [];
  for (let col = 0; col < s.cols; col++) {
    const from = col === 0 ? 0 : Math.max(col * s.stride, (col - 1) * s.stride + s.kernel);
    for (let at = from; at < col * s.stride + s.kernel; at++)
      for (const i of inputs2) lines.push(`let v${at}_${i} = ${load(`${at}u`, i)};`);
    lines.push("{", ...sums2(`${col}u`, (tap, i) => `v${col * s.stride + tap}_${i}`), "}");
  }
  return lines.join("\n      ");
}
function declareSums2(s) {
  const names = [];
  for (let input = 0; input < s.inputs; input++)
    for (let tap = 0; tap < s.kernel; tap++)
      for (let quad = 0; quad < s.outputs / 4; quad++) names.push(sumName2(input, tap, quad));
  return names.map((name) => `var ${name} = vec4<f32>();`).join(" ");
}
function storeSums(call, s, out) {
  const lines = [];
  const ragged = call.dy.channels % (s.groups * s.outputs) !== 0;
  for (let input = 0; input < s.inputs; input++) {
    lines.push(`if (first_input + lid.x + ${input * s.lanes}u < x_channels) {
      var at = share + (o * x_channels + first_input + lid.x + ${input * s.lanes}u) * ${s.kernel ** 2}u + lid.y * ${s.kernel}u;`);
    for (let j = 0; j < s.outputs; j++) {
      const stores = Array.from(
        { length: s.kernel },
        (_, tap) => `${out}[at + ${tap}u] = ${sumName2(input, tap, j >> 2)}[${j & 3}];`
      ).join(" ");
      lines.push(ragged ? `if (o + ${j}u < dy_channels) { ${stores} }` : stores);
      lines.push(`at += x_channels * ${s.kernel ** 2}u;`);
    }
    lines.push("}");
  }
  return lines.join("\n    ");
}
function build(call, s, split, partials2, offset) {
  const { x, dy, kernel } = call;
  const k = new KernelBuilder();
  const [xs, dys, out] = [k.read(planRef(x.buffer)), k.read(planRef(dy.buffer)), k.write(partials2)];
  declareSizes2(call, k);
  k.workgroup("x_tile", "f32", s.stagedRows * s.stagedCols * s.pitch);
  k.workgroup("dy_tile", "vec4<f32>", s.rows * s.cols * s.groups * s.outputs / 4);
  const size2 = dy.channels * x.channels * kernel ** 2;
  k.u32("out_offset", offset);
  k.u32("share_floats", size2 + split.biases);
  k.u32("weight_floats", size2);
  k.u32("per_share", split.perShare);
  k.u32("strips", split.strips);
  k.u32("strips_across", ceilDiv(dy.width, s.cols));
  const [inputs2, outputs] = [s.lanes * s.inputs, s.groups * s.outputs];
  const bias = `
    if (wg.x == 0u && li < ${outputs / 4}u) {
      for (var p = 0u; p < ${s.rows * s.cols}u; p++) { bias_sum += dy_tile[p * ${outputs / 4}u + li]; }
    }`;
  const storeBias = `
  if (wg.x == 0u && li < ${outputs / 4}u) {
    for (var j = 0u; j < 4u; j++) {
      let channel = first_output + li * 4u + j;
      if (channel < dy_channels) { ${out}[share + weight_floats + channel] = bias_sum[j]; }
    }
  }`;
  const body = `
  let first_input = wg.x * ${inputs2}u;
  let first_output = wg.y * ${outputs}u;
  let share = out_offset + wg.z * share_floats;
  let o = first_output + lid.z * ${s.outputs}u;
  var bias_sum = vec4<f32>();
  ${declareSums2(s)}
  for (var strip = wg.z * per_share; strip < min(strips, (wg.z + 1u) * per_share); strip++) {
    let y0 = (strip / strips_across) * ${s.rows}u;
    let x0 = (strip % strips_across) * ${s.cols}u;
    ${stageX(call, s, xs, k)}
    ${stageDy(s, dys)}
    workgroupBarrier();
    for (var row = 0u; row < ${s.rows}u; row++) {
      let x_base = (row * ${s.stride}u + lid.y) * ${s.stagedCols * s.pitch}u + lid.x;
      let dy_base = row * ${s.cols * outputs / 4}u + lid.z * ${s.outputs / 4}u;
      ${accumulateRow(s)}
    }
    ${split.biases > 0 ? bias : ""}
    workgroupBarrier();
  }
  ${storeSums(call, s, out)}
  ${split.biases > 0 ? storeBias : ""}`;
  return k.finish(
    `convBackwardWeight ${kernel}\xD7${kernel}${s.stride > 1 ? " \xF72" : ""} ${shapeText(x)} to ${dy.channels}`,
    [s.lanes, kernel, s.groups],
    [ceilDiv(x.channels, inputs2), ceilDiv(dy.channels, outputs), split.shares],
    size2 * dy.height * dy.width,
    body
  );
}
var REDUCE_THREADS = 64;
var CHUNK = 256;
var FIELDS = 8;
function reduceKernel(reductions, partials2, gradient) {
  const jobs2 = [];
  for (const { to, from, stride, shares, floats } of reductions)
    for (let at = 0; at < floats; at += CHUNK)
      jobs2.push(to + at, from + at, stride, shares, Math.min(CHUNK, floats - at), 0, 0, 0);
  const k = new KernelBuilder();
  const table = k.read({ kind: "constant", name: "reduce jobs", data: Uint32Array.from(jobs2) }, "u32");
  const parts = k.read(partials2);
  const out = k.write(gradient);
  const count = jobs2.length / FIELDS;
  const across = Math.min(count, 32768);
  const body = `
  let job = (wg.y * ${k.u32("across", across)} + wg.x) * ${FIELDS}u;
  if (job >= ${k.u32("fields", jobs2.length)}) { return; }
  let stride = ${table}[job + 2u];
  let end = ${table}[job + 1u] + ${table}[job + 3u] * stride;
  for (var i = li; i < ${table}[job + 4u]; i += ${REDUCE_THREADS}u) {
    var sum = 0.0;
    for (var at = ${table}[job + 1u]; at < end; at += stride) { sum += ${parts}[at + i]; }
    ${out}[${table}[job] + i] = sum;
  }`;
  const work = reductions.reduce((sum, r) => sum + r.shares * r.floats, 0);
  return k.finish(
    "sum weight gradients",
    [REDUCE_THREADS, 1, 1],
    [across, ceilDiv(count, across), 1],
    work,
    body
  );
}

// src/engine/random.ts
function hash(x) {
  const state = Math.imul(x, 747796405) + 2891336453 >>> 0;
  const word = Math.imul(state >>> (state >>> 28) + 4 ^ state, 277803737) >>> 0;
  return (word >>> 22 ^ word) >>> 0;
}
function streamKey(seed, stream) {
  return hash(stream + hash(seed >>> 0) >>> 0);
}
function uniform(key, index) {
  return (hash(index + key >>> 0) >>> 8) / 16777216;
}
var NORMAL_SCALE = 1 / Math.sqrt((65536 ** 2 - 1) / 3);

// src/engine/executors/webgpu/kernels/elementwise.ts
var THREADS2 = 128;
var EACH2 = 4;
function overSamples(label, slice, k, head, body, functions = "") {
  const plane = planeSize(slice);
  k.u32("plane", plane);
  const stretch = THREADS2 * EACH2;
  return k.finish(
    `${label} ${shapeText(slice)}`,
    [THREADS2, 1, 1],
    [ceilDiv(plane, stretch), slice.channels, 1],
    sliceFloats(slice),
    `  let c = wg.y;
  ${head}
  for (var e = 0u; e < ${EACH2}u; e++) {
    let p = wg.x * ${stretch}u + e * ${THREADS2}u + li;
    if (p < plane) {
      let i = c * plane + p;
      ${body}
    }
  }`,
    functions
  );
}
var flat = (slice) => ({
  ...slice,
  channels: 1,
  height: 1,
  width: sliceFloats(slice)
});
var assign = (target, accumulate, value) => `${target} ${accumulate ? "+=" : "="} ${value};`;
function pointwiseKernel(call) {
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const out = k.write(planRef(call.out.buffer));
  const [xAt, outAt] = [k.u32("x_offset", call.x.offset), k.u32("out_offset", call.out.offset)];
  const value = activate(call.x.activation, affineApply(call.x, `${x}[${xAt} + i]`));
  const head = affineLoad(call.x, k, "c");
  return overSamples("pointwise", call.out, k, head, assign(`${out}[${outAt} + i]`, call.accumulate, value));
}
function activationBackwardKernel(call) {
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  const dx = k.write(planRef(call.dx.buffer));
  const [dyAt, xAt] = [k.u32("dy_offset", call.dy.offset), k.u32("x_offset", call.x.offset)];
  const dxAt = k.u32("dx_offset", call.dx.offset);
  const slope = activateSlope(call.x.activation, "v");
  const body = `let v = ${x}[${xAt} + i]; let slope = ${slope};
      ${assign(`${dx}[${dxAt} + i]`, call.accumulate, `${dy}[${dyAt} + i] * slope`)}`;
  return overSamples("activationBackward", call.dx, k, "", body);
}
var RANDOM = `
fn pcg(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}
fn normal(key: u32, index: u32) -> f32 {
  let a = pcg(index + key);
  let b = pcg(a);
  let sum = (a & 0xffffu) + (a >> 16u) + (b & 0xffffu) + (b >> 16u);
  return f32(i32(sum) - 131070) * ${float(NORMAL_SCALE)};
}`;
function noiseKernel(call, context) {
  const k = new KernelBuilder();
  const state = k.read(named(context, "state"));
  const x = k.read(planRef(call.x.buffer));
  const out = k.write(planRef(call.out.buffer));
  const [xAt, outAt] = [k.u32("x_offset", call.x.offset), k.u32("out_offset", call.out.offset)];
  const head = `let key = pcg(u32(${state}[${STATE.step}]) + ${k.u32("seed_hash", hash(call.seed >>> 0))});
  let amount = ${k.f32("noise_std", call.std)} * ${state}[${STATE.noise}];`;
  const body = `${out}[${outAt} + i] = ${x}[${xAt} + i] + amount * normal(key, i);`;
  return overSamples("noise", call.out, k, head, body, RANDOM);
}
function averageKernel(call, context) {
  const k = new KernelBuilder();
  const state = k.read(named(context, "state"));
  const x = k.read(planRef(call.x.buffer));
  const mean = k.write(planRef(call.mean));
  const xAt = k.u32("x_offset", call.x.offset);
  const head = `let t = ${state}[${STATE.step}]; let keep = min(${k.f32("decay", call.decay)}, t / (t + 9.0));`;
  const body = `${mean}[i] = keep * ${mean}[i] + (1.0 - keep) * ${x}[${xAt} + i];`;
  return overSamples("average", flat(call.x), k, head, body);
}

// src/engine/executors/webgpu/kernels/padded.ts
function paddedPlanes(name, layout) {
  const floats = layout.channels * layout.rows * layout.quads * 4;
  return { ...layout, buffer: { kind: "scratch", name, floats } };
}
var THREADS3 = 32;
var reflected2 = (i, size2) => `u32(max(0, min(abs(${i}), 2 * (i32(${size2}) - 1) - abs(${i}))))`;
function padKernel(view, border, to) {
  const k = new KernelBuilder();
  const x = k.read(planRef(view.buffer));
  const out = k.write(to.buffer, "vec4f");
  const affine = affineLoad(view, k, "c");
  k.u32("x_offset", view.offset);
  k.u32("height", view.height);
  k.u32("width", view.width);
  k.u32("rows", to.rows);
  k.u32("quads", to.quads);
  k.u32("top", to.top);
  k.u32("left", to.left);
  const value = (i) => {
    const sample = activate(view.activation, affineApply(view, `${x}[line + x${i}]`));
    if (border === "reflect")
      return `let x${i} = ${reflected2(`(col + ${i})`, "width")}; v[${i}] = ${sample};`;
    return `let x${i} = u32(col + ${i}); if (inside && x${i} < width) { v[${i}] = ${sample}; }`;
  };
  const body = `
  let c = wg.y;
  if (gid.x >= rows * quads) { return; }
  let row = i32(gid.x / quads) - i32(top);
  let col = i32((gid.x % quads) * 4u) - i32(left);
  ${border === "reflect" ? `let y = ${reflected2("row", "height")};` : "let y = u32(row); let inside = y < height;"}
  let line = x_offset + (c * height + y) * width;
  ${affine}
  var v = vec4<f32>();
  ${[0, 1, 2, 3].map(value).join("\n  ")}
  ${out}[c * rows * quads + gid.x] = v;`;
  const size2 = to.rows * to.quads;
  return k.finish(
    `pad ${shapeText(view)}`,
    [THREADS3, 1, 1],
    [ceilDiv(size2, THREADS3), to.channels, 1],
    size2 * 4 * to.channels,
    body
  );
}
function foldKernel(from, dx, accumulate) {
  const k = new KernelBuilder();
  const padded = k.read(from.buffer);
  const out = k.write(planRef(dx.buffer));
  k.u32("out_offset", dx.offset);
  k.u32("height", dx.height);
  k.u32("width", dx.width);
  k.u32("rows", from.rows);
  k.u32("pitch", from.quads * 4);
  k.u32("pad", from.left);
  const body = `
  let c = wg.y;
  let i = gid.x;
  if (i >= height * width) { return; }
  let y = i / width;
  let x = i % width;
  let plane = c * rows * pitch;
  let near_y = y >= 1u && y <= pad;
  let near_x = x >= 1u && x <= pad;
  let far_y = y + 1u < height && y + 1u + pad >= height;
  let far_x = x + 1u < width && x + 1u + pad >= width;
  var sum = ${padded}[plane + (y + pad) * pitch + x + pad];
  if (near_y || near_x || far_y || far_x) {
    sum = 0.0;
    let ys = vec3<u32>(y + pad, pad - y, pad + 2u * (height - 1u) - y);
    let xs = vec3<u32>(x + pad, pad - x, pad + 2u * (width - 1u) - x);
    let has_y = vec3<bool>(true, near_y, far_y);
    let has_x = vec3<bool>(true, near_x, far_x);
    for (var a = 0u; a < 3u; a++) {
      for (var b = 0u; b < 3u; b++) {
        if (has_y[a] && has_x[b]) { sum += ${padded}[plane + ys[a] * pitch + xs[b]]; }
      }
    }
  }
  ${assign(`${out}[out_offset + c * height * width + i]`, accumulate, "sum")}`;
  const plane = dx.height * dx.width;
  return k.finish(
    `fold ${shapeText(dx)}`,
    [THREADS3, 1, 1],
    [ceilDiv(plane, THREADS3), dx.channels, 1],
    plane * dx.channels,
    body
  );
}

// src/engine/executors/webgpu/kernels/direct.ts
var THREADS4 = 16;
function chooseBlock({ kind, kernel }, channels) {
  if (kernel === 1) return { across: 8, down: 4, quads: channels > 4 ? 4 : 1 };
  if (kind === "transpose") return { across: 8, down: kernel > 3 ? 4 : 8, quads: 1 };
  return { across: kernel > 3 ? 4 : 8, down: 4, quads: 1 };
}
function tapsOf({ kind, kernel, stride }, i) {
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  if (kind === "correlate") return taps.map((tap) => ({ tap, at: i * stride + tap }));
  return taps.filter((tap) => (i + kernel * stride - tap) % stride === 0).map((tap) => ({ tap, at: (i - tap) / stride + leadOf(kernel, stride) }));
}
var leadOf = (kernel, stride) => Math.floor((kernel - 1) / stride);
function reach(walk, outputs) {
  const step = walk.kind === "correlate" ? outputs * walk.stride : outputs / walk.stride;
  const reads = 1 + Math.max(
    ...tapsOf(walk, 0).concat(tapsOf(walk, outputs - 1)).map(({ at }) => at)
  );
  return { step, reads };
}
function sourceSize(walk, block, height, width) {
  const [y, x] = [reach(walk, block.down), reach(walk, block.across)];
  return {
    rows: (ceilDiv(height, block.down) - 1) * y.step + y.reads,
    quads: ceilDiv((ceilDiv(width, block.across) - 1) * x.step + x.reads, 4)
  };
}
function planDirectConv(call, context) {
  const { x, out, kernel, stride } = call;
  const walk = { kind: "correlate", kernel, stride };
  const block = chooseBlock(walk, out.channels);
  const pad = (kernel - 1) / 2;
  const source = paddedPlanes("padded x", {
    channels: x.channels,
    ...sourceSize(walk, block, out.height, out.width),
    top: pad,
    left: pad
  });
  const taps = kernel ** 2;
  const direct = {
    label: `conv ${kernel}\xD7${kernel}${stride > 1 ? " \xF72" : ""} ${shapeText(x)} to ${out.channels}`,
    walk,
    block,
    source,
    out: { ...out, buffer: planRef(out.buffer), pitch: out.width, plane: out.height * out.width },
    accumulate: false,
    bias: call.bias === null ? null : parameterOffset(context, call.bias)
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: x.channels,
      outputs: out.channels,
      paddedOutputs: roundUp(out.channels, block.quads * 4),
      paddedSources: x.channels,
      sourceStride: taps,
      outputStride: x.channels * taps,
      flipped: false
    },
    build: (weights, offset) => [
      padKernel(x, "reflect", source),
      directKernel(direct, weights, offset, context)
    ]
  };
}
function planDirectConvBackwardInput(call, context) {
  const { dy, dx, kernel, stride } = call;
  const kind = stride === 1 ? "correlate" : "transpose";
  const walk = { kind, kernel, stride };
  const block = chooseBlock(walk, dx.channels);
  const pad = (kernel - 1) / 2;
  const [height, width] = [dx.height + 2 * pad, dx.width + 2 * pad];
  const lead = leadOf(kernel, stride);
  const source = paddedPlanes("padded dy", {
    channels: dy.channels,
    ...sourceSize(walk, block, height, width),
    top: lead,
    left: lead
  });
  const taps = kernel ** 2;
  const quads = ceilDiv(width, 4);
  const folded = paddedPlanes("padded dx", {
    channels: dx.channels,
    rows: height,
    quads,
    top: pad,
    left: pad
  });
  const ofImage = { ...dx, buffer: planRef(dx.buffer), pitch: dx.width, plane: dx.height * dx.width };
  const ofPadded = {
    buffer: folded.buffer,
    offset: 0,
    channels: dx.channels,
    height,
    width,
    pitch: quads * 4,
    plane: height * quads * 4
  };
  const direct = {
    label: `convBackwardInput ${kernel}\xD7${kernel}${stride > 1 ? " \xF72" : ""} ${shapeText(dy)} to ${shapeText(dx)}`,
    walk,
    block,
    source,
    out: pad === 0 ? ofImage : ofPadded,
    accumulate: pad === 0 && call.accumulate,
    bias: null
  };
  return {
    pack: {
      parameter: call.weight,
      taps,
      sources: dy.channels,
      outputs: dx.channels,
      paddedOutputs: roundUp(dx.channels, block.quads * 4),
      paddedSources: dy.channels,
      sourceStride: dx.channels * taps,
      outputStride: taps,
      flipped: stride === 1
    },
    build: (weights, offset) => [
      padKernel({ ...dy, affine: null, activation: null }, "zero", source),
      directKernel(direct, weights, offset, context),
      ...pad === 0 ? [] : [foldKernel(folded, dx, call.accumulate)]
    ]
  };
}
var range = (length) => Array.from({ length }, (_, i) => i);
function channelBody(walk, block, source, weights) {
  const { kernel } = walk;
  const rowQuads = ceilDiv(reach(walk, block.across).reads, 4);
  const loaded = /* @__PURE__ */ new Set();
  const load = (row) => {
    if (loaded.has(row)) return [];
    loaded.add(row);
    return range(rowQuads).map(
      (quad) => `let s${row}_${quad} = ${source}[source_at + ${row}u * source_quads + ${quad}u];`
    );
  };
  const sample = (row, col) => `s${row}_${col >> 2}.${"xyzw"[col & 3]}`;
  const lines = [];
  for (const tapY of range(kernel))
    for (const tapX of range(kernel)) {
      const users = (outputs, tap) => range(outputs).flatMap(
        (i) => tapsOf(walk, i).filter((t) => t.tap === tap).map(({ at }) => ({ i, at }))
      );
      const [rows, cols] = [users(block.down, tapY), users(block.across, tapX)];
      lines.push(...rows.flatMap(({ at }) => load(at)), "{");
      for (const quad of range(block.quads)) {
        lines.push(
          `let w${quad} = ${weights}[weight_at + ${tapY * kernel + tapX}u * weight_quads + ${quad}u];`
        );
        for (const row of rows)
          for (const col of cols)
            lines.push(`a${row.i * block.across + col.i}_${quad} += ${sample(row.at, col.at)} * w${quad};`);
      }
      lines.push("}");
    }
  return lines.join("\n    ");
}
function directKernel(d, weights, weightOffset, context) {
  const { walk, block, source, out } = d;
  const { across, down, quads } = block;
  const k = new KernelBuilder();
  const src = k.read(source.buffer, "vec4f");
  const packed = k.read(weights, "vec4f");
  const theta = k.read(named(context, "theta"));
  const target = k.write(out.buffer);
  const [blocksAcross, blocksDown] = [ceilDiv(out.width, across), ceilDiv(out.height, down)];
  const groups = ceilDiv(out.channels, quads * 4);
  const invocations = blocksAcross * blocksDown * groups;
  const workgroups = ceilDiv(invocations, THREADS4);
  const grid = Math.min(workgroups, 32768);
  k.u32("grid", grid);
  k.u32("invocations", invocations);
  k.u32("blocks_across", blocksAcross);
  k.u32("blocks_down", blocksDown);
  k.u32("source_channels", source.channels);
  k.u32("source_rows", source.rows);
  k.u32("source_quads", source.quads);
  k.u32("weight_offset", weightOffset / 4);
  k.u32("weight_quads", roundUp(out.channels, quads * 4) / 4);
  k.u32("has_bias", d.bias === null ? 0 : 1);
  k.u32("bias_offset", d.bias ?? 0);
  k.u32("out_offset", out.offset);
  k.u32("out_channels", out.channels);
  k.u32("height", out.height);
  k.u32("width", out.width);
  k.u32("pitch", out.pitch);
  k.u32("plane", out.plane);
  k.u32("accumulate", d.accumulate ? 1 : 0);
  const pixels = range(across * down);
  const sums2 = pixels.flatMap(
    (pixel) => range(quads).map((quad) => ({ pixel, quad, name: `a${pixel}_${quad}` }))
  );
  const [stepY, stepX] = [reach(walk, down).step, reach(walk, across).step / 4];
  const body = `
  let index = (wg.y * grid + wg.x) * ${THREADS4}u + li;
  if (index >= invocations) { return; }
  let block_x = index % blocks_across;
  let block_y = (index / blocks_across) % blocks_down;
  let group = index / (blocks_across * blocks_down);
  ${sums2.map(({ name }) => `var ${name} = vec4<f32>();`).join(" ")}
  var source_at = block_y * ${stepY}u * source_quads + block_x * ${stepX}u;
  var weight_at = weight_offset + group * ${quads}u;
  for (var c = 0u; c < source_channels; c++) {
    ${channelBody(walk, block, src, packed)}
    source_at += source_rows * source_quads;
    weight_at += ${walk.kernel ** 2}u * weight_quads;
  }
  var sums: array<vec4<f32>, ${sums2.length}>;
  ${sums2.map(({ pixel, quad, name }) => `sums[${quad * pixels.length + pixel}u] = ${name};`).join(" ")}
  for (var j = 0u; j < ${4 * quads}u; j++) {
    let channel = group * ${4 * quads}u + j;
    if (channel >= out_channels) { break; }
    var bias = 0.0;
    if (has_bias != 0u) { bias = ${theta}[bias_offset + channel]; }
    for (var pixel = 0u; pixel < ${pixels.length}u; pixel++) {
      let y = block_y * ${down}u + pixel / ${across}u;
      let x = block_x * ${across}u + pixel % ${across}u;
      if (y < height && x < width) {
        let at = out_offset + channel * plane + y * pitch + x;
        var v = sums[(j / 4u) * ${pixels.length}u + pixel][j % 4u] + bias;
        if (accumulate != 0u) { v += ${target}[at]; }
        ${target}[at] = v;
      }
    }
  }`;
  const work = out.channels * out.height * out.width * source.channels * walk.kernel ** 2 / (walk.kind === "transpose" ? walk.stride ** 2 : 1);
  return k.finish(d.label, [THREADS4, 1, 1], [grid, ceilDiv(workgroups, grid), 1], work, body);
}

// src/engine/executors/webgpu/kernels/direct-weight.ts
var THREADS5 = 16;
var INVOCATIONS = 2048;
function chooseBlock2({ kernel, dy }) {
  const outputs = dy.channels > 4 ? 8 : 4;
  if (kernel === 1) return { inputs: 8, outputs };
  return { inputs: kernel > 3 ? 1 : 2, outputs };
}
function operands(call) {
  const { kernel, stride } = call;
  const pad = (kernel - 1) / 2;
  const left = leadOf(kernel, stride);
  const quads = ceilDiv(call.dy.width + left, 4);
  const dy = paddedPlanes("padded dy", {
    channels: call.dy.channels,
    rows: call.dy.height,
    quads,
    top: 0,
    left
  });
  const x = paddedPlanes("padded x", {
    channels: call.x.channels,
    rows: (call.dy.height - 1) * stride + kernel,
    quads: stride * (quads - 1) + windowQuads(kernel, stride),
    top: pad,
    left: stride * left + pad
  });
  return { x, dy };
}
var windowQuads = (kernel, stride) => ceilDiv(3 * stride + kernel, 4);
function planDirectConvBackwardWeight(call) {
  const { x, dy, kernel } = call;
  const block = chooseBlock2(call);
  const pairs = ceilDiv(x.channels, block.inputs) * ceilDiv(dy.channels, block.outputs);
  const rowsEach = ceilDiv(dy.height, Math.min(dy.height, Math.max(1, Math.floor(INVOCATIONS / pairs))));
  const shares = ceilDiv(dy.height, rowsEach);
  const weights = dy.channels * x.channels * kernel ** 2;
  const biases = call.bias === null ? 0 : dy.channels;
  const padded = operands(call);
  return {
    shares,
    weights,
    biases,
    build: (partials2, offset) => [
      padKernel(x, "reflect", padded.x),
      padKernel({ ...dy, affine: null, activation: null }, "zero", padded.dy),
      weightKernel(call, block, padded, { shares, rowsEach, pairs, biases }, partials2, offset)
    ]
  };
}
var range2 = (length) => Array.from({ length }, (_, i) => i);
function fourPixels(call, block, x, dy) {
  const { kernel, stride } = call;
  const quads = windowQuads(kernel, stride);
  const kept = quads - stride;
  const lines = [];
  for (const o of range2(block.outputs))
    lines.push(`let d${o} = ${dy}[dy_at + o${o}];`, `bias${o} += dot(d${o}, ones);`);
  for (const i of range2(block.inputs))
    for (const u of range2(kernel)) {
      const name = `x${i}_${u}`;
      for (const quad of range2(quads))
        lines.push(
          quad < kept ? `let ${name}_${quad} = k${i}_${u}_${quad};` : `let ${name}_${quad} = ${x}[x_at + i${i} + ${u}u * x_quads + ${quad}u];`
        );
      for (const v of range2(kernel)) {
        const at = range2(4).map((p) => p * stride + v);
        lines.push(
          `let v${i}_${u}_${v} = vec4<f32>(${at.map((c) => `${name}_${c >> 2}.${"xyzw"[c & 3]}`).join(", ")});`
        );
        for (const o of range2(block.outputs))
          lines.push(`a${o}_${i}_${u}_${v} += dot(d${o}, v${i}_${u}_${v});`);
      }
      for (const quad of range2(Math.max(0, kept)))
        lines.push(`k${i}_${u}_${quad} = ${name}_${quad + stride};`);
    }
  return lines.join("\n      ");
}
function weightKernel(call, block, padded, split, partials2, offset) {
  const { x, dy, kernel, stride } = call;
  const { inputs: inputs2, outputs } = block;
  const k = new KernelBuilder();
  const xs = k.read(padded.x.buffer, "vec4f");
  const dys = k.read(padded.dy.buffer, "vec4f");
  const out = k.write(partials2);
  const size2 = dy.channels * x.channels * kernel ** 2;
  const invocations = split.pairs * split.shares;
  k.u32("invocations", invocations);
  k.u32("pairs", split.pairs);
  k.u32("input_blocks", ceilDiv(x.channels, inputs2));
  k.u32("rows_each", split.rowsEach);
  k.u32("x_channels", x.channels);
  k.u32("x_rows", padded.x.rows);
  k.u32("x_quads", padded.x.quads);
  k.u32("dy_channels", dy.channels);
  k.u32("dy_rows", padded.dy.rows);
  k.u32("dy_quads", padded.dy.quads);
  k.u32("out_offset", offset);
  k.u32("share_floats", size2 + split.biases);
  k.u32("weight_floats", size2);
  k.u32("has_bias", split.biases > 0 ? 1 : 0);
  const kept = Math.max(0, windowQuads(kernel, stride) - stride);
  const windows = range2(inputs2).flatMap(
    (i) => range2(kernel).flatMap((u) => range2(kept).map((quad) => ({ i, u, quad, name: `k${i}_${u}_${quad}` })))
  );
  const sums2 = range2(outputs).flatMap(
    (o) => range2(inputs2).flatMap(
      (i) => range2(kernel).flatMap((u) => range2(kernel).map((v) => `a${o}_${i}_${u}_${v}`))
    )
  );
  const taps = kernel ** 2;
  const body = `
  if (gid.x >= invocations) { return; }
  let share = gid.x / pairs;
  let pair = gid.x % pairs;
  let first_input = (pair % input_blocks) * ${inputs2}u;
  let first_output = (pair / input_blocks) * ${outputs}u;
  let ones = vec4<f32>(1.0);
  ${range2(outputs).map(
    (o) => `let o${o} = min(first_output + ${o}u, dy_channels - 1u) * dy_rows * dy_quads; var bias${o} = 0.0;`
  ).join("\n  ")}
  ${range2(inputs2).map((i) => `let i${i} = min(first_input + ${i}u, x_channels - 1u) * x_rows * x_quads;`).join("\n  ")}
  ${sums2.map((name) => `var ${name} = 0.0;`).join(" ")}
  for (var row = share * rows_each; row < min(dy_rows, (share + 1u) * rows_each); row++) {
    var dy_at = row * dy_quads;
    var x_at = row * ${stride}u * x_quads;
    ${windows.map(({ i, u, quad, name }) => `var ${name} = ${xs}[x_at + i${i} + ${u}u * x_quads + ${quad}u];`).join("\n    ")}
    for (var quad = 0u; quad < dy_quads; quad++) {
      ${fourPixels(call, block, xs, dys)}
      dy_at += 1u;
      x_at += ${stride}u;
    }
  }
  var sums: array<f32, ${sums2.length}>;
  ${sums2.map((name, i) => `sums[${i}u] = ${name};`).join(" ")}
  let to = out_offset + share * share_floats;
  for (var o = 0u; o < min(${outputs}u, dy_channels - first_output); o++) {
    for (var i = 0u; i < min(${inputs2}u, x_channels - first_input); i++) {
      let at = to + ((first_output + o) * x_channels + first_input + i) * ${taps}u;
      for (var tap = 0u; tap < ${taps}u; tap++) { ${out}[at + tap] = sums[(o * ${inputs2}u + i) * ${taps}u + tap]; }
    }
  }
  if (has_bias != 0u && first_input == 0u) {
    let biases = array<f32, ${outputs}>(${range2(outputs).map((o) => `bias${o}`).join(", ")});
    for (var o = 0u; o < min(${outputs}u, dy_channels - first_output); o++) {
      ${out}[to + weight_floats + first_output + o] = biases[o];
    }
  }`;
  return k.finish(
    `convBackwardWeight ${kernel}\xD7${kernel}${stride > 1 ? " \xF72" : ""} ${shapeText(x)} to ${dy.channels}`,
    [THREADS5, 1, 1],
    [ceilDiv(invocations, THREADS5), 1, 1],
    size2 * dy.height * dy.width,
    body
  );
}

// src/engine/kernels/loss.ts
var TV_EPSILON = 1e-3;

// src/engine/executors/webgpu/kernels/reduce.ts
var REDUCE_THREADS2 = 128;
var PART = 16384;
function partsOf(slice) {
  const plane = planeSize(slice);
  return plane <= 2 * PART ? { parts: 1, part: plane } : { parts: ceilDiv(plane, PART), part: PART };
}
var partials = (slice, parts) => ({
  kind: "scratch",
  name: "partials",
  floats: 2 * parts * slice.channels
});
var treeSum = (value, total) => `
  sums[li] = ${value};
  workgroupBarrier();
  for (var half = ${REDUCE_THREADS2 / 2}u; half > 0u; half /= 2u) {
    if (li < half) { sums[li] += sums[li + half]; }
    workgroupBarrier();
  }
  let ${total} = sums[0];
  workgroupBarrier();`;

// src/engine/executors/webgpu/kernels/loss.ts
var PART2 = 2048;
function summingPass(label, slice, k, head, body) {
  const parts = ceilDiv(planeSize(slice), PART2);
  const scratch = k.write(lossParts(slice));
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("plane", planeSize(slice));
  k.u32("parts", parts);
  return k.finish(
    `${label} ${shapeText(slice)}`,
    [REDUCE_THREADS2, 1, 1],
    [parts, slice.channels, 1],
    sliceFloats(slice),
    `  let c = wg.y;
  ${head}
  var sum = 0.0;
  for (var p = wg.x * ${PART2}u + li; p < min(plane, (wg.x + 1u) * ${PART2}u); p += ${REDUCE_THREADS2}u) {
    let i = c * plane + p;
    ${body}
  }
  ${treeSum("vec2<f32>(sum, 0.0)", "total")}
  if (li == 0u) { ${scratch}[c * parts + wg.x] = total.x; }`
  );
}
var lossParts = (slice) => ({
  kind: "scratch",
  name: "loss parts",
  floats: slice.channels * ceilDiv(planeSize(slice), PART2)
});
function sumParts(label, slice, k, use) {
  const count = slice.channels * ceilDiv(planeSize(slice), PART2);
  const scratch = k.read(lossParts(slice));
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("count", count);
  const body = `
  var sum = 0.0;
  for (var j = li; j < count; j += ${REDUCE_THREADS2}u) { sum += ${scratch}[j]; }
  ${treeSum("vec2<f32>(sum, 0.0)", "total")}
  if (li == 0u) { ${use} }`;
  return k.finish(`${label} sum`, [REDUCE_THREADS2, 1, 1], [1, 1, 1], count, body);
}
function dataTermKernels(call, context) {
  const k = new KernelBuilder();
  const [x, target] = [k.read(planRef(call.x.buffer)), k.read(planRef(call.target))];
  const weight = call.weight === null ? "1.0" : `${k.read(planRef(call.weight))}[p]`;
  const dx = k.write(planRef(call.dx.buffer));
  const [xAt, dxAt] = [k.u32("x_offset", call.x.offset), k.u32("dx_offset", call.dx.offset)];
  const floats = sliceFloats(call.x);
  const twice = k.f32("two_by_samples", 2 / floats);
  const huber = call.huber > 0 ? k.f32("inverse_delta", 1 / call.huber) : null;
  const body = `let w = ${weight}; let r = ${x}[${xAt} + i] - ${target}[i];
    ${huber ? `let q = r * ${huber}; let root = sqrt(1.0 + q * q);` : "let root = 1.0;"}
    sum += w * 2.0 * r * r / (root + 1.0);
    ${dx}[${dxAt} + i] = ${twice} * w * r / root;`;
  const end = new KernelBuilder();
  const state = end.write(named(context, "state"));
  const use = `${state}[${STATE.loss}] = total.x * ${end.f32("by_samples", 1 / floats)};`;
  return [summingPass("dataTerm", call.x, k, "", body), sumParts("dataTerm", call.x, end, use)];
}
function totalVariationKernels(call, context) {
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const dx = k.write(planRef(call.dx.buffer));
  const dxAt = k.u32("dx_offset", call.dx.offset);
  k.u32("x_offset", call.x.offset);
  const [height, width] = [k.u32("height", call.x.height), k.u32("width", call.x.width)];
  const factor = k.f32("factor", call.lambda / sliceFloats(call.x));
  const epsilon = `${TV_EPSILON ** 2}f`;
  const slopes = (name, at, right, below) => `
    let ${name}_h = select(0.0, ${x}[${at} + 1u] - ${x}[${at}], ${right});
    let ${name}_v = select(0.0, ${x}[${at} + ${width}] - ${x}[${at}], ${below});
    let ${name}_root = sqrt(${name}_h * ${name}_h + ${name}_v * ${name}_v + ${epsilon});`;
  const body = `
    let row = p / ${width}; let col = p % ${width}; let at = x_offset + i;
    let right = col + 1u < ${width}; let below = row + 1u < ${height};
    ${slopes("own", "at", "right", "below")}
    sum += own_root;
    var g = -(own_h + own_v) / own_root;
    if (col > 0u) { ${slopes("left", "(at - 1u)", "true", "below")} g += left_h / left_root; }
    if (row > 0u) { ${slopes("up", `(at - ${width})`, "right", "true")} g += up_v / up_root; }
    ${dx}[${dxAt} + i] += ${factor} * g;`;
  const end = new KernelBuilder();
  const state = end.write(named(context, "state"));
  const by = end.f32("factor", call.lambda / sliceFloats(call.x));
  const use = `${state}[${STATE.loss}] += total.x * ${by};`;
  return [summingPass("totalVariation", call.x, k, "", body), sumParts("totalVariation", call.x, end, use)];
}

// src/engine/kernels/optimiser.ts
var NEWTON_SCHULZ = { a: 3.4445, b: -4.775, c: 2.0315, iterations: 5, epsilon: 1e-7 };

// src/engine/executors/webgpu/kernels/muon.ts
var SIDE = 16;
var THREADS6 = 64;
var CHUNK2 = 512;
var SQUARES = ["gram", "power", "product", "q0", "q1"];
var square = (m, name) => ({
  at: m.squares + SQUARES.indexOf(name) * m.short ** 2,
  row: m.short,
  col: 1
});
var transposed = ({ at, row, col }) => ({ at, row: col, col: row });
var squareProduct = (m, a, b, out) => ({
  rows: m.short,
  cols: m.short,
  inner: m.short,
  a: square(m, a),
  b: square(m, b),
  out: square(m, out),
  more: square(m, "gram").at
});
function placeMatrices(calls, context) {
  let floats = 0;
  const matrices = calls.map((call) => {
    const { rows, cols } = call;
    const wide = rows <= cols;
    const short = Math.min(rows, cols);
    const update = floats;
    const squares = update + rows * cols;
    floats = squares + SQUARES.length * short ** 2;
    const x = { at: update, row: wide ? cols : 1, col: wide ? 1 : cols };
    const arena = parameterOffset(context, call.parameter);
    return { call, arena, update, squares, short, long: Math.max(rows, cols), x };
  });
  return { matrices, floats };
}
var bits = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
function jobs(k, name, fields, rows) {
  const table = k.read({ kind: "constant", name, data: Uint32Array.from(rows) }, "u32");
  const count = rows.length / fields;
  const across = Math.min(count, 32768);
  const last = k.u32("last_job", count - 1);
  const index = `wg.y * ${k.u32("across", across)} + wg.x`;
  const head = `
  if (${index} > ${last}) { return; }
  let job = (${index}) * ${fields}u;`;
  return { table, head, grid: [across, ceilDiv(count, across), 1] };
}
function updateKernel(matrices, scratch, context) {
  const rows = [];
  for (const { call, arena, update } of matrices)
    for (let at = 0; at < call.rows * call.cols; at += CHUNK2)
      rows.push(arena + at, update + at, Math.min(CHUNK2, call.rows * call.cols - at), bits(call.momentum));
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, "muon updates", 4, rows);
  const gradient = k.read(named(context, "gradient"));
  const moment = k.write(named(context, "moment1"));
  const updates = k.write(scratch);
  const body = `${head}
  let momentum = bitcast<f32>(${table}[job + 3u]);
  for (var j = li; j < ${table}[job + 2u]; j += ${THREADS6}u) {
    let i = ${table}[job] + j;
    let g = ${gradient}[i];
    let m = momentum * ${moment}[i] + g;
    ${moment}[i] = m;
    ${updates}[${table}[job + 1u] + j] = g + momentum * m;
  }`;
  return k.finish("muon update", [THREADS6, 1, 1], grid, rows.length * (CHUNK2 / 4), body);
}
function normaliseKernel(matrices, scratch) {
  const rows = matrices.flatMap((m) => [m.short, square(m, "gram").at, square(m, "q0").at, 0]);
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, "muon matrices", 4, rows);
  const data = k.write(scratch);
  const body = `${head}
  let n = ${table}[job];
  let gram = ${table}[job + 1u];
  let q = ${table}[job + 2u];
  var trace = 0.0;
  for (var i = 0u; i < n; i++) { trace += ${data}[gram + i * (n + 1u)]; }
  storageBarrier();
  let inverse = 1.0 / (sqrt(trace) + ${float(NEWTON_SCHULZ.epsilon)});
  for (var i = li; i < n * n; i += ${THREADS6}u) {
    ${data}[gram + i] *= inverse * inverse;
    ${data}[q + i] = select(0.0, inverse, i % (n + 1u) == 0u);
  }`;
  const work = matrices.reduce((sum, m) => sum + 2 * m.short ** 2, 0);
  return k.finish("muon normalise", [THREADS6, 1, 1], grid, work, body);
}
function productKernel(label, products, scratch, epilogue) {
  const rows = [];
  for (const { rows: height, cols, inner, a, b, out, more } of products)
    for (let y = 0; y < height; y += SIDE)
      for (let x = 0; x < cols; x += SIDE)
        rows.push(
          ...[y, x, height, cols, inner, more ?? 0, a.at, a.row, a.col],
          ...[b.at, b.row, b.col, out.at, out.row, out.col, 0]
        );
  const k = new KernelBuilder();
  const { table, head, grid } = jobs(k, `muon ${label}`, 16, rows);
  const data = k.write(scratch);
  k.workgroup("tile_a", "f32", SIDE * SIDE);
  k.workgroup("tile_b", "f32", SIDE * SIDE);
  const field = (i) => `${table}[job + ${i}u]`;
  const body = `${head}
  let y = ${field(0)} + lid.y;
  let x = ${field(1)} + lid.x;
  let inside = y < ${field(2)} && x < ${field(3)};
  let a_at = ${field(6)} + min(y, ${field(2)} - 1u) * ${field(7)};
  let b_at = ${field(9)} + min(x, ${field(3)} - 1u) * ${field(11)};
  let more = ${field(5)};
  var sum = 0.0;
  for (var k = 0u; k < ${field(4)}; k += ${SIDE}u) {
    let ka = k + lid.x;
    let kb = k + lid.y;
    var a = 0.0;
    var b = 0.0;
    if (ka < ${field(4)}) { a = ${data}[a_at + ka * ${field(8)}]; }
    if (kb < ${field(4)}) { b = ${data}[b_at + kb * ${field(10)}]; }
    tile_a[li] = a;
    tile_b[li] = b;
    workgroupBarrier();
    for (var j = 0u; j < ${SIDE}u; j++) { sum += tile_a[lid.y * ${SIDE}u + j] * tile_b[j * ${SIDE}u + lid.x]; }
    workgroupBarrier();
  }
  if (inside) {
    let row_stride = ${field(13)};
    let at_out = ${field(12)} + y * row_stride + x * ${field(14)};
    ${epilogue(k, data)}
  }`;
  const work = products.reduce((sum, p) => sum + p.rows * p.cols * p.inner, 0);
  return k.finish(`muon ${label}`, [SIDE, SIDE, 1], grid, work, body);
}
var store2 = (_, data) => `${data}[at_out] = sum;`;
function polynomial(_, data) {
  const { a, b, c } = NEWTON_SCHULZ;
  const gram = `${data}[more + y * row_stride + x]`;
  return `${data}[at_out] = select(0.0, ${float(a)}, x == y) + ${float(b)} * ${gram} + ${float(c)} * sum;`;
}
function resultKernel(matrices, q, scratch, context) {
  const products = matrices.map((m) => {
    const { rows, cols, learningRate } = m.call;
    const out = { at: m.arena, row: m.x.row, col: m.x.col };
    const more = bits(learningRate * Math.sqrt(Math.max(1, rows / cols)));
    return { rows: m.short, cols: m.long, inner: m.short, a: square(m, q), b: m.x, out, more };
  });
  return productKernel("result", products, scratch, (k) => {
    const [state, theta] = [k.read(named(context, "state")), k.write(named(context, "theta"))];
    return `${theta}[at_out] -= bitcast<f32>(more) * ${state}[${STATE.rate}] * sum;`;
  });
}
function muonKernels(calls, context) {
  const { matrices, floats } = placeMatrices(calls, context);
  const scratch = { kind: "scratch", name: "muon", floats };
  const stage = (label, products, epilogue = store2) => productKernel(label, products, scratch, epilogue);
  const kernels = [
    updateKernel(matrices, scratch, context),
    stage(
      "gram",
      matrices.map((m) => ({
        rows: m.short,
        cols: m.short,
        inner: m.long,
        a: m.x,
        b: transposed(m.x),
        out: square(m, "gram")
      }))
    ),
    normaliseKernel(matrices, scratch)
  ];
  const { iterations } = NEWTON_SCHULZ;
  let [q, next] = ["q0", "q1"];
  for (let i = 0; i < iterations; i++) {
    const each = (a, b, out) => matrices.map((m) => squareProduct(m, a, b, out));
    const last = i + 1 === iterations;
    kernels.push(stage("polynomial", each("gram", "gram", "power"), polynomial));
    kernels.push(
      stage("advance", [...each("power", q, next), ...last ? [] : each("power", "gram", "product")])
    );
    if (!last) kernels.push(stage("next gram", each("product", "power", "gram")));
    [q, next] = [next, q];
  }
  return [...kernels, resultKernel(matrices, q, scratch, context)];
}

// src/engine/executors/webgpu/kernels/norm.ts
var eachOf = (count, body) => `for (var j = li; j < ${count}; j += ${REDUCE_THREADS2}u) { ${body} }`;
function writeAffine(call, context, k) {
  const theta = k.read(named(context, "theta"));
  const affine = k.write(planRef(call.affine));
  const gamma = k.u32("gamma", parameterOffset(context, call.gamma));
  const beta = k.u32("beta", parameterOffset(context, call.beta));
  const channels = k.u32("channels", call.x.channels);
  return `
  if (li == 0u) {
    let inverse = 1.0 / sqrt(variance + ${k.f32("epsilon", call.epsilon)});
    let scale = ${theta}[${gamma} + c] * inverse;
    ${affine}[c] = scale;
    ${affine}[${channels} + c] = ${theta}[${beta} + c] - mean * scale;
    ${affine}[2u * ${channels} + c] = mean;
    ${affine}[3u * ${channels} + c] = inverse;
  }`;
}
function momentsKernels(call, context) {
  const { parts, part } = partsOf(call.x);
  const label = `moments ${shapeText(call.x)}`;
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("plane", planeSize(call.x));
  k.u32("part", part);
  k.u32("x_offset", call.x.offset);
  const statistics = `
  let c = wg.y;
  let count = min(part, plane - wg.x * part);
  let first = x_offset + c * plane + wg.x * part;
  var sum = 0.0;
  ${eachOf("count", `sum += ${x}[first + j];`)}
  ${treeSum("vec2<f32>(sum, 0.0)", "total")}
  let mean = total.x / f32(count);
  var squares = 0.0;
  ${eachOf("count", `let d = ${x}[first + j] - mean; squares += d * d;`)}
  ${treeSum("vec2<f32>(squares, 0.0)", "spread")}`;
  const size2 = [REDUCE_THREADS2, 1, 1];
  if (parts === 1) {
    const tail2 = `let variance = spread.x / f32(plane); ${writeAffine(call, context, k)}`;
    return [k.finish(label, size2, [1, call.x.channels, 1], sliceFloats(call.x), statistics + tail2)];
  }
  const scratch = k.write(partials(call.x, parts), "f32");
  k.u32("parts", parts);
  const tail = `
  if (li == 0u) {
    ${scratch}[2u * (c * parts + wg.x)] = mean;
    ${scratch}[2u * (c * parts + wg.x) + 1u] = spread.x;
  }`;
  const first = k.finish(label, size2, [parts, call.x.channels, 1], sliceFloats(call.x), statistics + tail);
  return [first, mergeMoments(call, context)];
}
function mergeMoments(call, context) {
  const { parts, part } = partsOf(call.x);
  const k = new KernelBuilder();
  const scratch = k.read(partials(call.x, parts));
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("plane", planeSize(call.x));
  k.u32("part", part);
  k.u32("parts", parts);
  const body = `
  let c = wg.y;
  var sum = 0.0;
  ${eachOf("parts", `sum += f32(min(part, plane - j * part)) * ${scratch}[2u * (c * parts + j)];`)}
  ${treeSum("vec2<f32>(sum, 0.0)", "total")}
  let mean = total.x / f32(plane);
  var squares = 0.0;
  ${eachOf(
    "parts",
    `let d = ${scratch}[2u * (c * parts + j)] - mean;
     squares += ${scratch}[2u * (c * parts + j) + 1u] + f32(min(part, plane - j * part)) * d * d;`
  )}
  ${treeSum("vec2<f32>(squares, 0.0)", "spread")}
  let variance = spread.x / f32(plane);
  ${writeAffine(call, context, k)}`;
  const label = `moments merge ${shapeText(call.x)}`;
  return k.finish(label, [REDUCE_THREADS2, 1, 1], [1, call.x.channels, 1], parts * call.x.channels, body);
}
function normSample(x, raw, dy) {
  return `let raw = ${raw}; let n = ${affineApply(x, "raw")};
    let dn = ${dy} * ${activateSlope(x.activation, "n")}; let x_hat = (raw - mean) * inverse;`;
}
function normHead(x, k) {
  const affine = k.read(planRef(x.affine));
  const channels = k.u32("affine_channels", x.channels);
  return `${affineLoad(x, k, "c")}
  let mean = ${affine}[2u * ${channels} + c]; let inverse = ${affine}[3u * ${channels} + c];`;
}
function writeSums(call, context, k) {
  const sums2 = k.write(planRef(call.sums));
  const gradient = k.write(named(context, "gradient"));
  const gamma = k.u32("gamma", parameterOffset(context, call.gamma));
  const beta = k.u32("beta", parameterOffset(context, call.beta));
  const channels = k.u32("channels", call.x.channels);
  return `
  if (li == 0u) {
    ${sums2}[c] = total.x;
    ${sums2}[${channels} + c] = total.y;
    ${gradient}[${beta} + c] = total.x;
    ${gradient}[${gamma} + c] = total.y;
  }`;
}
function normGradientsKernels(call, context) {
  const { parts, part } = partsOf(call.x);
  const label = `normGradients ${shapeText(call.x)}`;
  const size2 = [REDUCE_THREADS2, 1, 1];
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("plane", planeSize(call.x));
  k.u32("part", part);
  k.u32("x_offset", call.x.offset);
  k.u32("dy_offset", call.dy.offset);
  const sample = normSample(call.x, `${x}[x_offset + first + j]`, `${dy}[dy_offset + first + j]`);
  const body = `
  let c = wg.y;
  let count = min(part, plane - wg.x * part);
  let first = c * plane + wg.x * part;
  ${normHead(call.x, k)}
  var sum = vec2<f32>();
  ${eachOf("count", `${sample} sum += vec2<f32>(dn, dn * x_hat);`)}
  ${treeSum("sum", "total")}`;
  if (parts === 1) {
    const whole = body + writeSums(call, context, k);
    return [k.finish(label, size2, [1, call.x.channels, 1], sliceFloats(call.x), whole)];
  }
  const scratch = k.write(partials(call.x, parts));
  k.u32("parts", parts);
  const tail = `
  if (li == 0u) {
    ${scratch}[2u * (c * parts + wg.x)] = total.x;
    ${scratch}[2u * (c * parts + wg.x) + 1u] = total.y;
  }`;
  const first = k.finish(label, size2, [parts, call.x.channels, 1], sliceFloats(call.x), body + tail);
  return [first, mergeGradients(call, context, parts)];
}
function mergeGradients(call, context, parts) {
  const k = new KernelBuilder();
  const scratch = k.read(partials(call.x, parts));
  k.workgroup("sums", "vec2<f32>", REDUCE_THREADS2);
  k.u32("parts", parts);
  const at = "2u * (c * parts + j)";
  const body = `
  let c = wg.y;
  var sum = vec2<f32>();
  ${eachOf("parts", `sum += vec2<f32>(${scratch}[${at}], ${scratch}[${at} + 1u]);`)}
  ${treeSum("sum", "total")}
  ${writeSums(call, context, k)}`;
  const label = `normGradients merge ${shapeText(call.x)}`;
  return k.finish(label, [REDUCE_THREADS2, 1, 1], [1, call.x.channels, 1], parts * call.x.channels, body);
}
function normBackwardInputKernel(call) {
  const k = new KernelBuilder();
  const [dy, x] = [k.read(planRef(call.dy.buffer)), k.read(planRef(call.x.buffer))];
  const sums2 = k.read(planRef(call.sums));
  const dx = k.write(planRef(call.dx.buffer));
  const [dyAt, xAt] = [k.u32("dy_offset", call.dy.offset), k.u32("x_offset", call.x.offset)];
  const dxAt = k.u32("dx_offset", call.dx.offset);
  const head = `${normHead(call.x, k)}
  let mean_dn = ${sums2}[c] / f32(plane); let mean_dn_x = ${sums2}[affine_channels + c] / f32(plane);`;
  const body = `${normSample(call.x, `${x}[${xAt} + i]`, `${dy}[${dyAt} + i]`)}
      ${assign(`${dx}[${dxAt} + i]`, call.accumulate, "scale * (dn - mean_dn - x_hat * mean_dn_x)")}`;
  return overSamples("normBackwardInput", call.dx, k, head, body);
}

// src/engine/executors/webgpu/kernels/pack.ts
var THREADS7 = 64;
var CHUNK3 = 1024;
var FIELDS2 = 12;
var packedWeights = (floats) => ({
  kind: "scratch",
  name: "packed weights",
  floats
});
function packKernel(packs, floats, context) {
  const jobs2 = [];
  for (const pack of packs) {
    const size2 = pack.paddedSources * pack.taps * pack.paddedOutputs;
    for (let from = 0; from < size2; from += CHUNK3)
      jobs2.push(
        from,
        Math.min(from + CHUNK3, size2),
        pack.offset,
        parameterOffset(context, pack.parameter),
        pack.taps,
        pack.paddedOutputs,
        pack.sources,
        pack.outputs,
        pack.sourceStride,
        pack.outputStride,
        pack.flipped ? 1 : 0,
        0
      );
  }
  const k = new KernelBuilder();
  const table = k.read({ kind: "constant", name: "pack jobs", data: Uint32Array.from(jobs2) }, "u32");
  const theta = k.read(named(context, "theta"));
  const packed = k.write(packedWeights(floats));
  const count = jobs2.length / FIELDS2;
  const across = Math.min(count, 32768);
  const body = `
  let job = (wg.y * ${k.u32("across", across)} + wg.x) * ${FIELDS2}u;
  if (job >= ${k.u32("fields", jobs2.length)}) { return; }
  let taps = ${table}[job + 4u];
  let padded = ${table}[job + 5u];
  for (var i = ${table}[job] + li; i < ${table}[job + 1u]; i += ${THREADS7}u) {
    let output = i % padded;
    let packed_tap = (i / padded) % taps;
    let tap = select(packed_tap, taps - 1u - packed_tap, ${table}[job + 10u] != 0u);
    let source = i / (padded * taps);
    var v = 0.0;
    if (output < ${table}[job + 7u] && source < ${table}[job + 6u]) {
      v = ${theta}[${table}[job + 3u] + source * ${table}[job + 8u] + output * ${table}[job + 9u] + tap];
    }
    ${packed}[${table}[job + 2u] + i] = v;
  }`;
  return k.finish("pack weights", [THREADS7, 1, 1], [across, ceilDiv(count, across), 1], floats, body);
}

// src/engine/executors/webgpu/kernels/resample.ts
var LANES = [16, 8];
function resampleKernel(call, { plan: plan2 }) {
  const [rows, cols] = [plan2.tables[call.rows], plan2.tables[call.cols]];
  const k = new KernelBuilder();
  const x = k.read(planRef(call.x.buffer));
  const table = (name, data) => ({
    kind: "constant",
    name,
    data
  });
  const rowStart = k.read(table("row starts", rows.start), "i32");
  const rowWeight = k.read(table("row weights", rows.weights));
  const colStart = k.read(table("column starts", cols.start), "i32");
  const colWeight = k.read(table("column weights", cols.weights));
  const out = k.write(planRef(call.out.buffer));
  const affine = affineLoad(call.x, k, "c");
  const value = activate(call.x.activation, affineApply(call.x, `${x}[line + v]`));
  k.u32("x_offset", call.x.offset);
  k.u32("x_height", rows.inputs);
  k.u32("x_width", cols.inputs);
  k.u32("out_offset", call.out.offset);
  k.u32("height", rows.outputs);
  k.u32("width", cols.outputs);
  const [U, V] = [`${rows.taps}u`, `${cols.taps}u`];
  const body = `
  let c = wg.z;
  let i = gid.y;
  let j = gid.x;
  if (i >= height || j >= width) { return; }
  ${affine}
  let first = x_offset + (c * x_height + u32(${rowStart}[i])) * x_width + u32(${colStart}[j]);
  var sum = 0.0;
  for (var u = 0u; u < ${U}; u++) {
    let line = first + u * x_width;
    var row_sum = 0.0;
    for (var v = 0u; v < ${V}; v++) { row_sum += ${colWeight}[j * ${V} + v] * ${value}; }
    sum += ${rowWeight}[i * ${U} + u] * row_sum;
  }
  ${assign(`${out}[out_offset + (c * height + i) * width + j]`, call.accumulate, "sum")}`;
  return k.finish(
    `resample ${rows.label} ${shapeText(call.x)} to ${shapeText(call.out)}`,
    [...LANES, 1],
    [ceilDiv(cols.outputs, LANES[0]), ceilDiv(rows.outputs, LANES[1]), call.out.channels],
    sliceFloats(call.out) * rows.taps * cols.taps,
    body
  );
}

// src/engine/executors/webgpu/kernels/watchers.ts
function varianceKernels(call, context) {
  const k = new KernelBuilder();
  const state = k.read(named(context, "state"));
  const x = k.read(planRef(call.x.buffer));
  const mean = k.write(planRef(call.mean));
  const xAt = k.u32("x_offset", call.x.offset);
  const head = `let share = select(${k.f32("alpha", call.alpha)}, 1.0, ${state}[${STATE.step}] == 0.0);`;
  const body = `let v = ${x}[${xAt} + i]; let d = v - ${mean}[i]; sum += d * d;
    ${mean}[i] = select(${mean}[i] + share * d, v, share == 1.0);`;
  const end = new KernelBuilder();
  const after = end.write(named(context, "state"));
  const kept = end.f32("kept", 1 - call.alpha);
  const share = end.f32("share", call.alpha / sliceFloats(call.x));
  const next = `${kept} * (${after}[${STATE.variance}] + ${share} * total.x)`;
  const use = `${after}[${STATE.variance}] = select(${next}, 0.0, ${after}[${STATE.step}] == 0.0);`;
  return [summingPass("variance", flat(call.x), k, head, body), sumParts("variance", flat(call.x), end, use)];
}
var ONE = [1, 1, 1];
function keepBestKernels(call, context) {
  const judge = new KernelBuilder();
  const state = judge.write(named(context, "state"));
  const decision = judge.finish(
    "keepBest decision",
    ONE,
    ONE,
    1,
    `
  let improved = ${state}[${STATE.step}] >= ${judge.f32("first_step", call.from)}
    && ${state}[${STATE.variance}] < ${state}[${STATE.bestVariance}];
  ${state}[${STATE.improved}] = select(0.0, 1.0, improved);
  if (improved) {
    ${state}[${STATE.bestVariance}] = ${state}[${STATE.variance}];
    ${state}[${STATE.bestStep}] = ${state}[${STATE.step}];
  }`
  );
  const k = new KernelBuilder();
  const flag = k.read(named(context, "state"));
  const source = k.read(planRef(call.source));
  const best = k.write(planRef(call.best));
  const width = context.plan.buffers[call.best].floats;
  const slice = { buffer: call.best, offset: 0, channels: 1, height: 1, width };
  const copy = `if (${flag}[${STATE.improved}] != 0.0) { ${best}[i] = ${source}[i]; }`;
  return [decision, overSamples("keepBest", slice, k, "", copy)];
}
function endStepKernel(call, context) {
  const k = new KernelBuilder();
  const state = k.write(named(context, "state"));
  const log = k.write(planRef(call.log));
  return k.finish(
    "endStep",
    ONE,
    ONE,
    1,
    `
  let row = (u32(${state}[${STATE.step}]) % ${LOG_ROWS}u) * ${LOG_COLUMNS}u;
  ${log}[row] = ${state}[${STATE.loss}];
  ${log}[row + 1u] = ${state}[${STATE.variance}];
  ${state}[${STATE.step}] += 1.0;`
  );
}

// src/engine/executors/webgpu/lower.ts
var MOST_PENDING = 2 ** 24;
var STAGED = {
  forward: planConv,
  backwardInput: planConvBackwardInput,
  backwardWeight: planConvBackwardWeight
};
var DIRECT = {
  forward: planDirectConv,
  backwardInput: planDirectConvBackwardInput,
  backwardWeight: planDirectConvBackwardWeight
};
function lower(plan2, profile) {
  return new Lowering({ plan: plan2, profile }).run();
}
var Lowering = class {
  constructor(context) {
    this.context = context;
    this.ways = context.profile.software ? DIRECT : STAGED;
  }
  context;
  kernels = [];
  packs = [];
  packedFloats = 0;
  muons = [];
  pending = [];
  pendingFloats = 0;
  ways;
  run() {
    const { calls } = this.context.plan;
    this.placeConvolutions(calls);
    if (this.packs.length > 0) this.kernels.push(packKernel(this.packs, this.packedFloats, this.context));
    for (const call of calls) {
      if (call.kind !== "muon") this.flushMuon();
      this.lower(call);
    }
    return this.kernels;
  }
  lower(call) {
    const { context } = this;
    switch (call.kind) {
      case "noise":
        this.push(noiseKernel(call, context));
        break;
      case "conv":
      case "convBackwardInput":
        this.push(...this.convolutions.get(call)());
        break;
      case "convBackwardWeight":
        this.convBackwardWeight(call);
        break;
      case "moments":
        this.push(...momentsKernels(call, context));
        break;
      case "normGradients":
        this.push(...normGradientsKernels(call, context));
        break;
      case "normBackwardInput":
        this.push(normBackwardInputKernel(call));
        break;
      case "activationBackward":
        this.push(activationBackwardKernel(call));
        break;
      case "pointwise":
        this.push(pointwiseKernel(call));
        break;
      case "resample":
        this.push(resampleKernel(call, context));
        break;
      case "dataTerm":
        this.push(...dataTermKernels(call, context));
        break;
      case "totalVariation":
        this.push(...totalVariationKernels(call, context));
        break;
      case "average":
        this.push(averageKernel(call, context));
        break;
      case "variance":
        this.push(...varianceKernels(call, context));
        break;
      case "keepBest":
        this.push(...keepBestKernels(call, context));
        break;
      case "adam":
        this.flushGradients();
        this.push(adamKernel(call, context));
        break;
      case "muon":
        this.muons.push(call);
        break;
      case "endStep":
        this.flushGradients();
        this.push(endStepKernel(call, context));
        break;
    }
  }
  push(...kernels) {
    this.kernels.push(...kernels);
  }
  convolutions = /* @__PURE__ */ new Map();
  /** Gives every convolution its place in the packed weights, which is known in full before any is built. */
  placeConvolutions(calls) {
    const weights = () => packedWeights(this.packedFloats);
    for (const call of calls) {
      if (call.kind !== "conv" && call.kind !== "convBackwardInput") continue;
      if (this.convolutions.has(call)) continue;
      const planned = call.kind === "conv" ? this.ways.forward(call, this.context) : this.ways.backwardInput(call, this.context);
      const offset = this.packedFloats;
      this.packs.push({ ...planned.pack, offset });
      this.packedFloats += planned.pack.paddedSources * planned.pack.taps * planned.pack.paddedOutputs;
      this.convolutions.set(call, () => planned.build(weights(), offset));
    }
  }
  convBackwardWeight(call) {
    const { shares, weights, biases, build: build2 } = this.ways.backwardWeight(call, this.context);
    const stride = weights + biases;
    if (this.pendingFloats + shares * stride > MOST_PENDING) this.flushGradients();
    const from = this.pendingFloats;
    this.push(...build2(pendingRef(from + shares * stride), from));
    const add = (parameter, at, floats) => this.pending.push({
      to: parameterOffset(this.context, parameter),
      from: from + at,
      stride,
      shares,
      floats
    });
    add(call.weight, 0, weights);
    if (call.bias !== null) add(call.bias, weights, biases);
    this.pendingFloats += shares * stride;
  }
  flushGradients() {
    if (this.pending.length === 0) return;
    this.push(reduceKernel(this.pending, pendingRef(this.pendingFloats), named(this.context, "gradient")));
    this.pending = [];
    this.pendingFloats = 0;
  }
  flushMuon() {
    if (this.muons.length === 0) return;
    this.flushGradients();
    this.push(...muonKernels(this.muons.splice(0), this.context));
  }
};
var pendingRef = (floats) => ({
  kind: "scratch",
  name: "weight gradient shares",
  floats
});

// src/engine/executors/webgpu/run.ts
async function compileRun(plan2, host) {
  const kernels = lower(plan2, host.profile);
  for (const [slot, floats] of plan2.slots.entries())
    checkSize(host.device, slotLabel(plan2, slot), floats * 4);
  const pipelines = await Promise.all(kernels.map((kernel) => host.pipelines.get(kernel)));
  const pool = new BufferPool(host.device, host.count);
  const { device } = host;
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  try {
    const memory = new RunMemory(plan2, kernels, pool);
    const dispatches = kernels.map((kernel, i) => ({
      kernel,
      pipeline: pipelines[i],
      group: memory.bind(device, host.pipelines.layout(kernel), kernel, i)
    }));
    const [memoryError, otherError] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    if (memoryError)
      throw new OutOfMemoryError(
        `The GPU has not the ${Math.ceil(pool.bytes / 2 ** 20)} MB this run needs. Use a smaller image or network.`
      );
    if (otherError) throw new Error(`WebGPU: ${otherError.message}`);
    return new WebGpuRun(plan2, dispatches, memory, pool, host);
  } catch (error) {
    pool.destroy();
    throw error;
  }
}
var slotLabel = (plan2, slot) => plan2.buffers.filter((buffer) => buffer.slot === slot).map(({ name }) => name).slice(0, 3).join(", ");
var RunMemory = class {
  constructor(plan2, kernels, pool) {
    this.plan = plan2;
    this.pool = pool;
    this.slots = plan2.slots.map((floats, slot) => pool.storage(slotLabel(plan2, slot), floats));
    const scratch = /* @__PURE__ */ new Map();
    for (const { bindings } of kernels)
      for (const { buffer } of bindings)
        if (buffer.kind === "scratch")
          scratch.set(buffer.name, Math.max(buffer.floats, scratch.get(buffer.name) ?? 0));
    for (const [name, floats] of scratch) this.scratch.set(name, pool.storage(name, floats));
    this.constants = this.placeConstants(kernels);
    this.checkpoints = [0, 1].map((slot) => ({
      buffers: new Map(
        CHECKPOINT_BUFFERS.map((name) => [
          name,
          pool.storage(`checkpoint ${slot} ${name}`, plan2.buffers[namedBuffer(plan2, name)].floats)
        ])
      ),
      state: pool.storage(`checkpoint ${slot} state`, STATE_FLOATS)
    }));
  }
  plan;
  pool;
  slots;
  checkpoints;
  scratch = /* @__PURE__ */ new Map();
  tables = /* @__PURE__ */ new Map();
  constants;
  constantsAt = [];
  named(name) {
    return this.slots[this.plan.buffers[namedBuffer(this.plan, name)].slot];
  }
  bind(device, layout, kernel, index) {
    const { byteLength } = kernel.constants;
    const uniform2 = { buffer: this.constants, offset: this.constantsAt[index], size: byteLength };
    return device.createBindGroup({
      label: kernel.label,
      layout,
      entries: [uniform2, ...kernel.bindings.map(({ buffer }) => ({ buffer: this.resolve(buffer) }))].map(
        (resource, binding) => ({ binding, resource })
      )
    });
  }
  resolve(ref) {
    switch (ref.kind) {
      case "plan":
        return this.slots[this.plan.buffers[ref.id].slot];
      case "scratch":
        return this.scratch.get(ref.name);
      case "constant": {
        const known = this.tables.get(ref.data);
        if (known) return known;
        const data = ref.data;
        const table = this.pool.filled(ref.name, data, USAGE.storage);
        this.tables.set(ref.data, table);
        return table;
      }
    }
  }
  /** 256 is WebGPU's largest offset alignment. */
  placeConstants(kernels) {
    let bytes = 0;
    for (const { constants: constants2 } of kernels) {
      this.constantsAt.push(bytes);
      bytes += Math.ceil(constants2.byteLength / 256) * 256;
    }
    const block = new Uint8Array(bytes);
    kernels.forEach(({ constants: constants2 }, i) => {
      block.set(new Uint8Array(constants2.buffer), this.constantsAt[i]);
    });
    return this.pool.filled("kernel constants", block, USAGE.uniform);
  }
};
var STEPS_IN_FLIGHT = 3;
var SUBMISSION_MS = 80;
var FIRST_SUBMISSION = 25e9;
var DISPATCH_WORK = 1e5;
var WebGpuRun = class {
  constructor(plan2, dispatches, memory, pool, host) {
    this.plan = plan2;
    this.dispatches = dispatches;
    this.memory = memory;
    this.pool = pool;
    this.host = host;
    const state = new Float32Array(STATE_FLOATS);
    state[STATE.rate] = state[STATE.noise] = 1;
    state[STATE.bestVariance] = Number.POSITIVE_INFINITY;
    this.device.queue.writeBuffer(memory.named("state"), 0, state);
    this.segments = this.split(Math.ceil(this.work / FIRST_SUBMISSION));
  }
  plan;
  dispatches;
  memory;
  pool;
  host;
  queue = [];
  pending = /* @__PURE__ */ new Set();
  inFlight = 0;
  step = 0;
  segments;
  lastDone = 0;
  stepMs = 0;
  slots = new CheckpointSlots();
  ended;
  get bytes() {
    return Math.max(this.pool.bytes, planBytes(this.plan));
  }
  /** Dispatches and submissions of one step, and the labels in order: what tests and the bench look at. */
  get shape() {
    const labels = this.dispatches.map(({ kernel }) => kernel.label);
    return { dispatches: labels.length, submissions: this.segments.length, labels };
  }
  write(name, data) {
    this.check();
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    if (data.length > floats)
      throw new RangeError(`Buffer "${name}" holds ${floats} samples, got ${data.length}.`);
    const copy = Float32Array.from(data);
    this.enqueue(() => this.device.queue.writeBuffer(this.memory.named(name), 0, copy));
  }
  read(name) {
    const { floats } = this.plan.buffers[namedBuffer(this.plan, name)];
    return this.settle(() => this.readBack(this.memory.named(name), [[0, floats * 4]]));
  }
  /** Hands `use` the live buffer after all steps asked for so far; what it submits runs before any later step. */
  withBuffer(name, use) {
    return this.settle(async () => use(this.memory.named(name)));
  }
  control(rate, noise) {
    this.check();
    const multipliers = Float32Array.of(rate, noise);
    this.enqueue(
      () => this.device.queue.writeBuffer(this.memory.named("state"), STATE.rate * 4, multipliers)
    );
  }
  async steps(count) {
    if (!(Number.isInteger(count) && count >= 1 && count <= LOG_ROWS))
      throw new RangeError(`Expected 1 to ${LOG_ROWS} steps, got ${count}.`);
    this.check();
    const first = this.step;
    this.step += count;
    for (let i = 0; i < count; i++) this.queue.push({ isStep: true, run: () => this.submitStep() });
    const row = first % LOG_ROWS;
    const whole = Math.min(count, LOG_ROWS - row);
    const bytes = LOG_COLUMNS * 4;
    const ranges = [[row * bytes, whole * bytes]];
    if (whole < count) ranges.push([0, (count - whole) * bytes]);
    const rows = await this.settle(() => this.readBack(this.memory.named("log"), ranges));
    return Array.from({ length: count }, (_, i) => ({
      step: first + i,
      loss: rows[i * LOG_COLUMNS],
      variance: rows[i * LOG_COLUMNS + 1]
    }));
  }
  checkpoint() {
    this.check();
    const { buffers, state } = this.memory.checkpoints[this.slots.save()];
    this.enqueue(
      () => this.copyState(
        (name) => [this.memory.named(name), buffers.get(name)],
        [this.memory.named("state"), state]
      )
    );
  }
  rollback() {
    this.check();
    const { buffers, state } = this.memory.checkpoints[this.slots.rollback()];
    this.enqueue(
      () => this.copyState(
        (name) => [buffers.get(name), this.memory.named(name)],
        [state, this.memory.named("state")]
      )
    );
  }
  dispose() {
    this.end(abortError());
  }
  /** Ends the run because the device cannot go on: everything pending rejects with the error. */
  fail(error) {
    this.end(error);
  }
  get device() {
    return this.host.device;
  }
  get work() {
    return this.dispatches.reduce((sum, { kernel }) => sum + kernel.work + DISPATCH_WORK, 0);
  }
  check() {
    if (this.ended) throw this.ended;
  }
  end(reason) {
    if (this.ended) return;
    this.ended = reason;
    this.queue.length = 0;
    for (const reject of this.pending) reject(reason);
    this.pending.clear();
    this.pool.destroy();
    this.host.forget(this);
  }
  enqueue(run2) {
    this.queue.push({ isStep: false, run: run2 });
    this.pump();
  }
  pump() {
    while (this.queue.length > 0 && !(this.queue[0].isStep && this.inFlight >= STEPS_IN_FLIGHT))
      this.queue.shift().run();
  }
  /** Queues an asynchronous operation; its promise rejects when the run ends first. */
  settle(start) {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.pending.add(reject);
      const done = () => this.pending.delete(reject);
      this.enqueue(() => {
        start().then(
          (value) => {
            done();
            resolve(value);
          },
          (error) => {
            done();
            reject(this.ended ?? error);
          }
        );
      });
    });
  }
  submitStep() {
    for (const segment of this.segments) {
      const encoder = this.device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const { kernel, pipeline, group } of segment) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...kernel.workgroups);
      }
      pass.end();
      this.device.queue.submit([encoder.finish()]);
    }
    const alone = this.inFlight++ === 0;
    const submitted = performance.now();
    const done = () => {
      this.inFlight--;
      this.measure(performance.now(), alone ? submitted : this.lastDone);
      if (!this.ended) this.pump();
    };
    this.device.queue.onSubmittedWorkDone().then(done, done);
  }
  /** Splits steps so that no submission passes SUBMISSION_MS, and joins them again when there is room. */
  measure(now, since) {
    const ms = now - since;
    this.lastDone = now;
    this.stepMs = this.stepMs === 0 ? ms : this.stepMs + 0.2 * (ms - this.stepMs);
    const parts = Math.max(1, Math.ceil(this.stepMs / SUBMISSION_MS));
    const { length } = this.segments;
    if (parts > length || parts < length / 2) this.segments = this.split(parts);
  }
  split(parts) {
    const segments = [[]];
    const share = this.work / Math.min(parts, this.dispatches.length);
    let filled = 0;
    for (const dispatch of this.dispatches) {
      if (filled >= share * segments.length) segments.push([]);
      segments.at(-1).push(dispatch);
      filled += dispatch.kernel.work + DISPATCH_WORK;
    }
    return segments;
  }
  async readBack(buffer, ranges) {
    const bytes = ranges.reduce((sum, [, length]) => sum + length, 0);
    const target = this.pool.readback(bytes);
    const encoder = this.device.createCommandEncoder();
    let to = 0;
    for (const [from, length] of ranges) {
      encoder.copyBufferToBuffer(buffer, from, target, to, length);
      to += length;
    }
    this.device.queue.submit([encoder.finish()]);
    await target.mapAsync(MAP_READ);
    const data = new Float32Array(target.getMappedRange(0, bytes).slice(0));
    target.unmap();
    this.pool.release(target);
    return data;
  }
  copyState(pair, [fromState, toState]) {
    const encoder = this.device.createCommandEncoder();
    for (const name of CHECKPOINT_BUFFERS) {
      const [from, to] = pair(name);
      encoder.copyBufferToBuffer(from, 0, to, 0, from.size);
    }
    encoder.copyBufferToBuffer(fromState, STATE.variance * 4, toState, STATE.variance * 4, 4);
    this.device.queue.submit([encoder.finish()]);
  }
};

// src/engine/executors/webgpu/executor.ts
async function createWebGpuExecutor(host, asked = "by name") {
  const adapter = await requestAdapter(host);
  if (asked === "automatically" && isSoftwareAdapter(adapter.info))
    throw new GpuUnavailableError(
      `The only graphics adapter is software (${describeAdapter(adapter.info)}), slower than wasm; choose webgpu by name to use it.`
    );
  return new WebGpuExecutor(await requestDevice(adapter), adapter.info);
}
var WebGpuExecutor = class {
  /** Takes over `device`: disposing the executor destroys it. */
  constructor(device, info, profile) {
    this.device = device;
    this.info = info;
    this.adapter = describeAdapter(info);
    this.software = isSoftwareAdapter(info);
    this.profile = profile ?? profileOf(device, this.software);
    this.pipelines = new PipelineCache(device);
    device.lost.then(({ reason, message }) => {
      if (this.disposed && reason === "destroyed") return;
      this.lose(message || reason);
    });
    device.onuncapturederror = ({ error }) => this.fail(new Error(`WebGPU: ${error.message}`));
  }
  device;
  info;
  name = "webgpu";
  adapter;
  software;
  profile;
  pipelines;
  runs = /* @__PURE__ */ new Set();
  buffers = 0;
  failure;
  disposed = false;
  /** Buffers that exist now, over all runs. */
  get liveBuffers() {
    return this.buffers;
  }
  async compile(plan2) {
    if (this.failure) throw this.failure;
    const run2 = await compileRun(plan2, {
      device: this.device,
      profile: this.profile,
      pipelines: this.pipelines,
      count: (change) => {
        this.buffers += change;
      },
      forget: (gone) => this.runs.delete(gone)
    });
    if (this.failure) {
      run2.dispose();
      throw this.failure;
    }
    this.runs.add(run2);
    return run2;
  }
  dispose() {
    if (this.disposed) return;
    this.disposed = true;
    for (const run2 of this.runs) run2.dispose();
    this.device.destroy();
  }
  /** What a lost device does; also how tests lose one. */
  lose(message) {
    this.fail(new DeviceLostError(`The GPU device was lost (${message}). Start the restoration again.`));
  }
  fail(error) {
    this.failure ??= error;
    for (const run2 of this.runs) run2.fail(error);
  }
};
var WORKGROUP_MEMORY = 16384;
function profileOf(device, software) {
  const workgroupMemory = Math.min(WORKGROUP_MEMORY, device.limits.maxComputeWorkgroupStorageSize);
  return { software, workgroupMemory, parallelism: software ? 16 : 512 };
}

// src/node/gpu.ts
import { existsSync, readdirSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
var LOADER_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib"
];
var DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
var BROWSER_FOLDERS = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/opt/google/chrome",
  "/usr/lib64/chromium"
];
var HOW_TO2 = "A graphics card needs its Vulkan driver (on Debian and Ubuntu: apt-get install mesa-vulkan-drivers, version 25 or newer, or the card maker\u2019s own). Without a card, apt-get install chromium brings SwiftShader, a driver in software.";
var RTLD_NODELETE = 4096;
var instance;
async function nodeGpu() {
  if (instance) return { gpu: instance };
  const dawn = await import("webgpu").catch(() => void 0);
  if (!dawn) return { gpuHint: 'Node needs the package "webgpu" for WebGPU: npm install webgpu.' };
  if (process.platform === "linux" && !prepareVulkan())
    return { gpuHint: `Node\u2019s WebGPU needs a Vulkan driver, and none was found. ${HOW_TO2}` };
  for (const [name, value] of Object.entries(dawn.globals))
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
  instance = dawn.create([]);
  return { gpu: instance, gpuHint: HOW_TO2 };
}
function prepareVulkan() {
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const folders = [
    ...(process.env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean),
    ...LOADER_FOLDERS
  ];
  const loader = folders.some((folder) => existsSync(join(folder, "libvulkan.so.1")));
  const drivers = process.env.VK_ICD_FILENAMES !== void 0 || process.env.VK_DRIVER_FILES !== void 0 || DRIVER_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
  if (loader && drivers) return true;
  const browser = BROWSER_FOLDERS.find(
    (folder) => existsSync(join(folder, "libvulkan.so.1")) && existsSync(join(folder, "vk_swiftshader_icd.json"))
  );
  if (!browser) return false;
  if (!drivers) process.env.VK_ICD_FILENAMES = join(browser, "vk_swiftshader_icd.json");
  keepLoaded(join(browser, "libvulkan.so.1"));
  return true;
}
function keepLoaded(library) {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
  }
}

// src/engine/network/graph.ts
var Graph = class {
  nodes = [];
  parameters = [];
  /** An external tensor, written by the caller under `name` before the first step. */
  input(name, shape) {
    return this.push({ op: "input", name, shape });
  }
  noise(x, std) {
    if (!(std >= 0)) this.fail("noise", `std must be 0 or more, got ${std}`);
    return std === 0 ? x : this.push({ op: "noise", name: "noise", shape: this.shape(x), x, std });
  }
  variable(name, shape, value) {
    const parameter = this.parameter(name, "pixels", shape, { kind: "constant", value });
    return this.push({ op: "variable", name, shape, parameter });
  }
  /** Initialised as PyTorch's Conv2d: weights and bias uniform in ±1/√(fan in). */
  conv(name, x, out, kernel, options = {}) {
    const { stride = 1, bias = true } = options;
    const [channels, height, width] = this.shape(x);
    if (kernel % 2 !== 1) this.fail(name, `kernel must be odd, got ${kernel}`);
    const pad = (kernel - 1) / 2;
    if (height <= pad || width <= pad)
      this.fail(name, `reflection padding of ${pad} needs sides above ${pad}, got ${width}\xD7${height}`);
    const bound = 1 / Math.sqrt(channels * kernel * kernel);
    const init = { kind: "uniform", bound };
    const weight = this.parameter(`${name}.weight`, "weight", [out, channels, kernel, kernel], init);
    return this.push({
      op: "conv",
      name,
      shape: [out, Math.ceil(height / stride), Math.ceil(width / stride)],
      x,
      kernel,
      stride,
      weight,
      bias: bias ? this.parameter(`${name}.bias`, "bias", [out], init) : null
    });
  }
  norm(name, x, epsilon = 1e-5) {
    const [channels, height, width] = this.shape(x);
    if (height * width < 2) this.fail(name, "normalising needs at least 2 pixels a channel");
    const gamma = this.parameter(`${name}.gamma`, "gamma", [channels], { kind: "constant", value: 1 });
    const beta = this.parameter(`${name}.beta`, "beta", [channels], { kind: "constant", value: 0 });
    return this.push({ op: "norm", name, shape: this.shape(x), x, gamma, beta, epsilon });
  }
  act(x, activation) {
    return this.push({ op: "act", name: activation.kind, shape: this.shape(x), x, activation });
  }
  resample(name, x, rows, cols) {
    const [channels, height, width] = this.shape(x);
    if (rows.inputs !== height || cols.inputs !== width)
      this.fail(name, `tables are for ${cols.inputs}\xD7${rows.inputs}, input is ${width}\xD7${height}`);
    return this.push({ op: "resample", name, shape: [channels, rows.outputs, cols.outputs], x, rows, cols });
  }
  concat(name, xs) {
    if (xs.length === 1) return xs[0];
    const shapes = xs.map((x) => this.shape(x));
    const [, height, width] = shapes[0];
    if (shapes.some(([, h, w]) => h !== height || w !== width))
      this.fail(name, `sizes differ: ${shapes.map(([, h, w]) => `${w}\xD7${h}`).join(", ")}`);
    const channels = shapes.reduce((sum, [c]) => sum + c, 0);
    return this.push({ op: "concat", name, shape: [channels, height, width], xs });
  }
  add(name, a, b) {
    if (this.shape(a).join() !== this.shape(b).join())
      this.fail(name, `shapes differ: ${this.shape(a).join("\xD7")} and ${this.shape(b).join("\xD7")}`);
    return this.push({ op: "add", name, shape: this.shape(a), a, b });
  }
  shape(x) {
    return this.nodes[x].shape;
  }
  parameter(name, role, shape, init) {
    const id = this.parameters.length;
    const size2 = shape.reduce((product, n) => product * n, 1);
    this.parameters.push({ id, name, role, shape, size: size2, init });
    return id;
  }
  push(node) {
    const [channels, height, width] = node.shape;
    if (!(channels > 0 && height > 0 && width > 0))
      this.fail(node.name, `empty shape ${node.shape.join("\xD7")}`);
    const id = this.nodes.length;
    this.nodes.push({ ...node, id });
    return id;
  }
  fail(name, message) {
    throw new RestoreError("image-size", `Network node "${name}": ${message}.`);
  }
};
function inputsOf(node) {
  switch (node.op) {
    case "input":
    case "variable":
      return [];
    case "concat":
      return node.xs;
    case "add":
      return [node.a, node.b];
    default:
      return [node.x];
  }
}

// src/engine/network/initialise.ts
var PARAMETER_STREAM = 2147483648;
var INPUT_STREAM = 3221225472;
function initialParameters(plan2, seed) {
  const theta = new Float32Array(plan2.arenaFloats);
  for (const { id, offset, size: size2, init } of plan2.parameters) {
    const values = theta.subarray(offset, offset + size2);
    if (init.kind === "constant") values.fill(init.value);
    else {
      const key = streamKey(seed, PARAMETER_STREAM + id);
      for (let i = 0; i < size2; i++) values[i] = (2 * uniform(key, i) - 1) * init.bound;
    }
  }
  return theta;
}
function randomInput(floats, seed, amplitude) {
  const key = streamKey(seed, INPUT_STREAM);
  return Float32Array.from({ length: floats }, (_, i) => uniform(key, i) * amplitude);
}

// src/engine/image/axis-table.ts
function tableFromRows(label, inputs2, rows) {
  const spans = rows.map((row) => {
    const used = row.filter(([, weight]) => weight !== 0).map(([index]) => index);
    return used.length === 0 ? [0, 0] : [Math.min(...used), Math.max(...used)];
  });
  const taps = Math.max(1, ...spans.map(([first, last]) => last - first + 1));
  const start = new Int32Array(rows.length);
  const weights = new Float32Array(rows.length * taps);
  rows.forEach((row, i) => {
    start[i] = Math.min(spans[i][0], inputs2 - taps);
    for (const [index, weight] of row) if (weight !== 0) weights[i * taps + index - start[i]] += weight;
  });
  return { label, inputs: inputs2, outputs: rows.length, taps, start, weights };
}
function transpose(table) {
  const rows = Array.from({ length: table.inputs }, () => []);
  for (let i = 0; i < table.outputs; i++)
    for (let t = 0; t < table.taps; t++) {
      const weight = table.weights[i * table.taps + t];
      if (weight !== 0) rows[table.start[i] + t].push([i, weight]);
    }
  return tableFromRows(`${table.label}\u1D40`, table.outputs, rows);
}
var clampIndex = (i, n) => Math.min(Math.max(i, 0), n - 1);
function upsampleTable(mode, n, outputs) {
  const offset = Math.floor((2 * n - outputs) / 2);
  const rows = Array.from({ length: outputs }, (_, i) => {
    const o = i + offset;
    if (mode === "nearest") return [[o >> 1, 1]];
    const centre = (o + 0.5) / 2 - 0.5;
    const first = Math.floor(centre);
    const t = centre - first;
    return [
      [clampIndex(first, n), 1 - t],
      [clampIndex(first + 1, n), t]
    ];
  });
  return tableFromRows(`${mode} \xD72`, n, rows);
}

// src/engine/network/blocks.ts
var LEAKY = { kind: "leakyRelu", slope: 0.2 };
function convBlock(g, name, x, out, kernel, options = {}) {
  const { stride = 1, activation = LEAKY } = options;
  const y = g.conv(`${name}.conv`, x, out, kernel, { stride, bias: false });
  return g.act(g.norm(`${name}.norm`, y), activation);
}
function upsample(g, name, x, mode, height, width) {
  const [, h, w] = g.shape(x);
  return g.resample(name, x, upsampleTable(mode, h, height), upsampleTable(mode, w, width));
}
function imageHead(g, x, channels) {
  return g.act(g.conv("image.conv", x, channels, 1), { kind: "sigmoid" });
}
function scalesThatFit(height, width, kernel, wanted) {
  let side = Math.min(height, width);
  let scales = 0;
  while (scales < wanted && Math.ceil(side / 2) > (kernel - 1) / 2 && side >= 4) {
    side = Math.ceil(side / 2);
    scales++;
  }
  return scales;
}

// src/engine/network/skip.ts
function skip(g, z, options) {
  const { channels, downKernel = 3, upKernel = 3 } = options;
  const [, height, width] = g.shape(z);
  const scales = scalesThatFit(height, width, Math.max(downKernel, upKernel), channels.length);
  const fitting = { ...options, channels: channels.slice(0, Math.max(scales, 1)) };
  return imageHead(g, scale(g, z, 0, fitting), options.imageChannels);
}
function scale(g, x, i, options) {
  const {
    channels,
    skips,
    upsampling = "bilinear",
    downKernel = 3,
    upKernel = 3,
    pointwise = true
  } = options;
  const mode = typeof upsampling === "string" ? upsampling : upsampling[i];
  const name = `scale${i}`;
  const [, height, width] = g.shape(x);
  let deep = convBlock(g, `${name}.down`, x, channels[i], downKernel, { stride: 2 });
  deep = convBlock(g, `${name}.deep`, deep, channels[i], downKernel);
  if (i + 1 < channels.length) deep = scale(g, deep, i + 1, options);
  const side = skips[i] > 0 ? [convBlock(g, `${name}.skip`, x, skips[i], 1)] : [];
  const up = upsample(g, `${name}.up`, deep, mode, height, width);
  let y = g.norm(`${name}.merge`, g.concat(`${name}.concat`, [...side, up]));
  y = convBlock(g, `${name}.conv`, y, channels[i], upKernel);
  return pointwise ? convBlock(g, `${name}.pointwise`, y, channels[i], 1) : y;
}

// src/engine/plan/backward.ts
function emitBackward(b) {
  new Backward(b).emit();
}
var Backward = class {
  constructor(b) {
    this.b = b;
    this.needed = needsGradient(b);
  }
  b;
  gradients = /* @__PURE__ */ new Map();
  needed;
  emit() {
    const { b } = this;
    const { observed, image, weighted, huber, totalVariation } = b.objective;
    const { slice: dx } = this.contribute(observed);
    b.calls.push({
      kind: "dataTerm",
      x: b.values.get(observed),
      target: b.named("target"),
      weight: weighted ? b.named("weight") : null,
      dx,
      huber
    });
    for (const node of [...b.graph.nodes].reverse()) {
      const dy = this.gradients.get(node.id);
      if (!dy || !this.needed[node.id]) continue;
      if (node.id === image && totalVariation > 0)
        b.calls.push({ kind: "totalVariation", x: b.image, dx: dy, lambda: totalVariation });
      this.node(node, dy);
    }
  }
  node(node, dy) {
    switch (node.op) {
      case "conv":
        this.conv(node, dy);
        break;
      case "norm":
        this.norm(node, dy, this.normView(node));
        break;
      case "act":
        this.act(node, dy);
        break;
      case "resample":
        this.resample(node, dy);
        break;
      case "concat":
        this.concat(node, dy);
        break;
      case "add":
        this.copy(node.b, dy);
        this.passOn(node.a, dy);
        break;
      case "noise":
        this.passOn(node.x, dy);
        break;
    }
  }
  conv(node, dy) {
    const { kernel, stride, weight, bias } = node;
    const { calls, values } = this.b;
    calls.push({ kind: "convBackwardWeight", x: values.get(node.x), dy, kernel, stride, weight, bias });
    if (!this.needed[node.x]) return;
    const { slice: dx, accumulate } = this.contribute(node.x);
    calls.push({ kind: "convBackwardInput", dy, dx, accumulate, kernel, stride, weight });
  }
  /** An activation on a norm is differentiated with it; alone it is a product with its derivative. */
  act(node, dy) {
    const inner = this.b.graph.nodes[node.x];
    if (inner.op === "norm" && this.b.consumers[inner.id] === 1) {
      this.norm(inner, dy, { ...this.normView(inner), activation: node.activation });
      return;
    }
    const x = { ...this.b.values.get(node.x), activation: node.activation };
    const { slice: dx, accumulate } = this.takeOver(node.x, dy);
    this.b.calls.push({ kind: "activationBackward", dy, x, dx, accumulate });
  }
  norm(node, dy, x) {
    const { calls } = this.b;
    const sums2 = this.b.temporary(`${node.name}.sums`, 2 * x.channels);
    calls.push({ kind: "normGradients", dy, x, sums: sums2, gamma: node.gamma, beta: node.beta });
    if (!this.needed[node.x]) return;
    const { slice: dx, accumulate } = this.takeOver(node.x, dy);
    calls.push({ kind: "normBackwardInput", dy, x, sums: sums2, dx, accumulate });
  }
  resample(node, dy) {
    if (!this.needed[node.x]) return;
    const { slice: out, accumulate } = this.contribute(node.x);
    const rows = this.b.table(this.transposed(node.rows));
    const cols = this.b.table(this.transposed(node.cols));
    this.b.calls.push({ kind: "resample", x: plain(dy), out, rows, cols, accumulate });
  }
  concat(node, dy) {
    let from = 0;
    for (const x of node.xs) {
      const channels = this.b.graph.shape(x)[0];
      this.passOn(x, planes(dy, from, channels));
      from += channels;
    }
  }
  /** The moments' view of a norm, as its forward call left it. */
  normView(node) {
    const call = this.b.calls.find((c) => c.kind === "moments" && c.gamma === node.gamma);
    if (call?.kind !== "moments") throw new Error(`norm "${node.name}" has no forward call`);
    return { ...call.x, affine: call.affine, activation: null };
  }
  transposes = /* @__PURE__ */ new Map();
  transposed(table) {
    const known = this.transposes.get(table) ?? transpose(table);
    this.transposes.set(table, known);
    return known;
  }
  /** ∂L/∂x += dy, without a copy where x has no other consumer. */
  passOn(x, dy) {
    if (!this.needed[x]) return;
    if (this.mayTakeOver(x)) this.gradients.set(x, dy);
    else this.copy(x, dy);
  }
  copy(x, dy) {
    if (!this.needed[x]) return;
    const { slice: out, accumulate } = this.contribute(x);
    this.b.calls.push({ kind: "pointwise", x: plain(dy), out, accumulate });
  }
  /** Where ∂L/∂x goes when it may be computed in place of dy. */
  takeOver(x, dy) {
    if (!this.mayTakeOver(x)) return this.contribute(x);
    this.gradients.set(x, dy);
    return { slice: dy, accumulate: false };
  }
  mayTakeOver(x) {
    return this.b.consumers[x] === 1 && this.b.graph.nodes[x].op !== "variable";
  }
  /** Where one more contribution to ∂L/∂x goes; the first one overwrites. */
  contribute(x) {
    const known = this.gradients.get(x);
    if (known) return { slice: known, accumulate: true };
    const node = this.b.graph.nodes[x];
    const slice = node.op === "variable" ? this.arenaSlice(node) : this.b.allocate(`\u2202${node.name}`, node.shape);
    this.gradients.set(x, slice);
    return { slice, accumulate: false };
  }
  arenaSlice(node) {
    const [channels, height, width] = node.shape;
    const { offset } = this.b.parameters[node.parameter];
    return { buffer: this.b.named("gradient"), offset, channels, height, width };
  }
};
function needsGradient(b) {
  const needed = [];
  for (const node of b.graph.nodes) {
    const own = node.op === "variable" || node.op === "conv" || node.op === "norm";
    needed[node.id] = own || inputsOf(node).some((x) => needed[x]);
  }
  return needed;
}

// src/engine/plan/forward.ts
function emitForward(b) {
  const destinations = concatDestinations(b);
  for (const node of b.graph.nodes) {
    const out = () => destinations.get(node.id)?.() ?? b.allocate(node.name, node.shape);
    let view = emitNode(b, node, out);
    if (node.id === b.objective.image) {
      b.calls.push({ kind: "pointwise", x: view, out: b.image, accumulate: false });
      view = plain(b.image);
    }
    b.values.set(node.id, view);
  }
}
function emitNode(b, node, out) {
  switch (node.op) {
    case "input": {
      const id = b.persistent(node.name, node.shape[0] * node.shape[1] * node.shape[2]);
      return plain(b.whole(id, node.shape));
    }
    case "variable": {
      const [channels, height, width] = node.shape;
      return plain({
        buffer: b.named("theta"),
        offset: b.parameters[node.parameter].offset,
        channels,
        height,
        width
      });
    }
    case "noise":
      return emitNoise(b, node, out());
    case "conv": {
      const slice = out();
      const { kernel, stride, weight, bias } = node;
      b.calls.push({ kind: "conv", x: b.values.get(node.x), out: slice, kernel, stride, weight, bias });
      return plain(slice);
    }
    case "norm":
      return emitNorm(b, node);
    case "act": {
      const x = b.values.get(node.x);
      return { ...x.activation ? stored(b, x, node.name) : x, activation: node.activation };
    }
    case "resample": {
      const slice = out();
      const [rows, cols] = [b.table(node.rows), b.table(node.cols)];
      b.calls.push({ kind: "resample", x: b.values.get(node.x), out: slice, rows, cols, accumulate: false });
      return plain(slice);
    }
    case "concat":
      return emitConcat(b, node, out());
    case "add": {
      const slice = out();
      b.calls.push({ kind: "pointwise", x: b.values.get(node.a), out: slice, accumulate: false });
      b.calls.push({ kind: "pointwise", x: b.values.get(node.b), out: slice, accumulate: true });
      return plain(slice);
    }
  }
}
function emitNoise(b, node, out) {
  const x = stored(b, b.values.get(node.x), node.name);
  b.calls.push({ kind: "noise", x, out, std: node.std, seed: b.objective.seed });
  return plain(out);
}
function emitNorm(b, node) {
  const x = stored(b, b.values.get(node.x), node.name);
  const affine = b.temporary(`${node.name}.affine`, 4 * x.channels);
  const { gamma, beta, epsilon } = node;
  b.calls.push({ kind: "moments", x, gamma, beta, epsilon, affine });
  const view = { ...x, affine };
  return b.consumers[node.id] > 1 ? stored(b, view, node.name) : view;
}
function emitConcat(b, node, out) {
  let from = 0;
  for (const id of node.xs) {
    const x = b.values.get(id);
    const part = planes(out, from, x.channels);
    if (x.buffer !== out.buffer) b.calls.push({ kind: "pointwise", x, out: part, accumulate: false });
    from += x.channels;
  }
  return plain(out);
}
function stored(b, x, name) {
  if (!x.affine && !x.activation) return x;
  const out = b.allocate(`${name}.in`, [x.channels, x.height, x.width]);
  b.calls.push({ kind: "pointwise", x, out, accumulate: false });
  return plain(out);
}
function concatDestinations(b) {
  const destinations = /* @__PURE__ */ new Map();
  for (const node of b.graph.nodes) {
    if (node.op !== "concat") continue;
    let buffer;
    const allocate = () => {
      buffer ??= b.allocate(node.name, node.shape);
      return buffer;
    };
    let from = 0;
    for (const x of node.xs) {
      const at = from;
      const { op, shape } = b.graph.nodes[x];
      const owns = op === "conv" || op === "resample" || op === "add" || op === "noise";
      if (owns && b.consumers[x] === 1 && x !== b.objective.image)
        destinations.set(x, () => planes(allocate(), at, shape[0]));
      from += shape[0];
    }
    destinations.set(node.id, allocate);
  }
  return destinations;
}

// src/engine/plan/uses.ts
var optional = (...ids) => ids.filter((id) => id !== null);
function usesOf(call) {
  switch (call.kind) {
    case "noise":
      return { reads: [call.x.buffer], writes: [call.out.buffer] };
    case "conv":
      return { reads: optional(call.x.buffer, call.x.affine), writes: [call.out.buffer] };
    case "convBackwardInput":
      return accumulating([call.dy.buffer], call.dx.buffer, call.accumulate);
    case "convBackwardWeight":
      return { reads: optional(call.x.buffer, call.x.affine, call.dy.buffer), writes: [] };
    case "moments":
      return { reads: [call.x.buffer], writes: [call.affine] };
    case "normGradients":
      return { reads: optional(call.dy.buffer, call.x.buffer, call.x.affine), writes: [call.sums] };
    case "normBackwardInput": {
      const reads = optional(call.dy.buffer, call.x.buffer, call.x.affine, call.sums);
      return accumulating(reads, call.dx.buffer, call.accumulate);
    }
    case "activationBackward":
      return accumulating([call.dy.buffer, call.x.buffer], call.dx.buffer, call.accumulate);
    case "pointwise":
    case "resample":
      return accumulating(optional(call.x.buffer, call.x.affine), call.out.buffer, call.accumulate);
    case "dataTerm":
      return { reads: optional(call.x.buffer, call.target, call.weight), writes: [call.dx.buffer] };
    case "totalVariation":
      return accumulating([call.x.buffer], call.dx.buffer, true);
    case "average":
    case "variance":
      return accumulating([call.x.buffer], call.mean, true);
    case "keepBest":
      return { reads: [call.source], writes: [call.best] };
    case "endStep":
      return { reads: [], writes: [call.log] };
    case "adam":
    case "muon":
      return { reads: [], writes: [] };
  }
}
function accumulating(reads, out, accumulate) {
  return { reads: accumulate ? [...reads, out] : reads, writes: [out] };
}

// src/engine/plan/memory.ts
function assignSlots(buffers, calls) {
  setLifetimes(buffers, calls);
  const slots = [];
  const tenants = [];
  const open = (buffer) => {
    buffer.slot = slots.push(buffer.floats) - 1;
    tenants.push([buffer]);
  };
  for (const buffer of buffers) if (buffer.lifetime === "persistent") open(buffer);
  const temporary = buffers.filter((b) => b.lifetime === "temporary").sort((a, b) => b.floats - a.floats || a.id - b.id);
  for (const buffer of temporary) {
    const slot = tenants.findIndex(
      (list) => list.every(
        (other) => other.lifetime === "temporary" && (other.last < buffer.first || buffer.last < other.first)
      )
    );
    if (slot < 0) open(buffer);
    else {
      buffer.slot = slot;
      tenants[slot].push(buffer);
    }
  }
  return slots;
}
function setLifetimes(buffers, calls) {
  calls.forEach((call, index) => {
    const { reads, writes } = usesOf(call);
    for (const id of [...reads, ...writes]) {
      const buffer = buffers[id];
      if (buffer.lifetime === "persistent") continue;
      buffer.first = Math.min(buffer.first, index);
      buffer.last = Math.max(buffer.last, index);
    }
  });
  for (const buffer of buffers)
    if (buffer.lifetime === "persistent") {
      buffer.first = 0;
      buffer.last = calls.length - 1;
    }
}

// src/engine/plan/optimiser.ts
function isMuonWeight(parameter, optimiser) {
  return optimiser.kind === "muon" && parameter.role === "weight" && parameter.shape[0] >= 8;
}
function emitOptimiser(b) {
  const { optimiser } = b.objective;
  const rest = b.parameters.filter((p) => !isMuonWeight(p, optimiser));
  if (optimiser.kind === "muon") {
    for (const p of b.parameters.filter((q) => isMuonWeight(q, optimiser)))
      b.calls.push({
        kind: "muon",
        parameter: p.id,
        rows: p.shape[0],
        cols: p.size / p.shape[0],
        learningRate: optimiser.learningRate,
        momentum: optimiser.momentum
      });
  }
  if (rest.length === 0) return;
  const from = Math.min(...rest.map((p) => p.offset));
  const to = Math.max(...rest.map((p) => p.offset + Math.ceil(p.size / 4) * 4));
  const learningRate = optimiser.kind === "muon" ? optimiser.adamLearningRate : optimiser.learningRate;
  b.calls.push({ kind: "adam", from, to, learningRate });
}

// src/engine/plan/compile.ts
function compile(graph, objective) {
  const b = new PlanBuilder(graph, objective);
  emitForward(b);
  emitWatchers(b);
  emitBackward(b);
  emitOptimiser(b);
  b.calls.push({ kind: "endStep", log: b.named("log") });
  return b.finish();
}
function emitWatchers(b) {
  const { emaDecay, varianceAlpha, bestFrom } = b.objective;
  const x = b.image;
  b.calls.push(
    { kind: "average", x, mean: b.named("ema"), decay: emaDecay },
    { kind: "variance", x, mean: b.named("varianceMean"), alpha: varianceAlpha },
    { kind: "keepBest", source: b.named("ema"), best: b.named("best"), from: bestFrom }
  );
}
var PlanBuilder = class {
  constructor(graph, objective) {
    this.graph = graph;
    this.objective = objective;
    const { parameters, floats } = placeParameters(graph, objective);
    this.parameters = parameters;
    this.arenaFloats = floats;
    this.consumers = countConsumers(graph, objective);
    const imageFloats = sizeOf(graph.shape(objective.image));
    const [observedFloats, plane] = [
      sizeOf(graph.shape(objective.observed)),
      graph.shape(objective.observed)
    ];
    for (const arena of ["theta", "gradient", "moment1", "moment2"]) this.persistent(arena, floats);
    this.persistent("state", STATE_FLOATS);
    this.persistent("log", LOG_ROWS * LOG_COLUMNS);
    for (const image of ["image", "ema", "varianceMean", "best"]) this.persistent(image, imageFloats);
    this.persistent("target", observedFloats);
    if (objective.weighted) this.persistent("weight", plane[1] * plane[2]);
  }
  graph;
  objective;
  calls = [];
  parameters;
  values = /* @__PURE__ */ new Map();
  /** Consumers of each node, the objective included. */
  consumers;
  buffers = [];
  tables = [];
  names = /* @__PURE__ */ new Map();
  arenaFloats;
  /** The objective's image, always stored plainly. */
  get image() {
    return this.whole(this.named("image"), this.graph.shape(this.objective.image));
  }
  persistent(name, floats) {
    const id = this.add(name, floats, "persistent");
    this.names.set(name, id);
    return id;
  }
  temporary(name, floats) {
    return this.add(name, floats, "temporary");
  }
  named(name) {
    return this.names.get(name);
  }
  /** A new temporary buffer of a node's shape. */
  allocate(name, shape) {
    return this.whole(this.temporary(name, sizeOf(shape)), shape);
  }
  whole(buffer, [channels, height, width]) {
    return { buffer, offset: 0, channels, height, width };
  }
  table(table) {
    const known = this.tables.indexOf(table);
    return known >= 0 ? known : this.tables.push(table) - 1;
  }
  tableAt(index) {
    return this.tables[index];
  }
  finish() {
    const slots = assignSlots(this.buffers, this.calls);
    return {
      graph: this.graph,
      objective: this.objective,
      calls: this.calls,
      buffers: this.buffers,
      slots,
      tables: this.tables,
      parameters: this.parameters,
      arenaFloats: this.arenaFloats,
      named: this.names,
      imageShape: this.graph.shape(this.objective.image)
    };
  }
  add(name, floats, lifetime) {
    const id = this.buffers.length;
    this.buffers.push({ id, name, floats, lifetime, first: Number.POSITIVE_INFINITY, last: -1, slot: -1 });
    return id;
  }
};
var plain = (slice) => ({ ...slice, affine: null, activation: null });
function planes(slice, from, channels) {
  return { ...slice, offset: slice.offset + from * slice.height * slice.width, channels };
}
var sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);
function placeParameters(graph, objective) {
  const muon = (p) => isMuonWeight(p, objective.optimiser);
  const order = [...graph.parameters.filter(muon), ...graph.parameters.filter((p) => !muon(p))];
  const parameters = [];
  let floats = 0;
  for (const parameter of order) {
    parameters[parameter.id] = { ...parameter, offset: floats };
    floats += Math.ceil(parameter.size / 4) * 4;
  }
  return { parameters, floats };
}
function countConsumers(graph, objective) {
  const counts = graph.nodes.map(() => 0);
  for (const node of graph.nodes) for (const x of inputsOf(node)) counts[x]++;
  counts[objective.observed]++;
  return counts;
}

// src/engine/plan/describe.ts
var floatsOf = (s) => s.channels * s.height * s.width;
function costOf(plan2, call) {
  const moved = (...slices) => 4 * slices.reduce((sum, s) => sum + floatsOf(s), 0);
  const weights = (id) => plan2.parameters[id].size;
  switch (call.kind) {
    case "conv":
      return {
        flops: 2 * weights(call.weight) * call.out.height * call.out.width,
        bytes: moved(call.x, call.out) + 4 * weights(call.weight)
      };
    case "convBackwardInput":
      return {
        flops: 2 * weights(call.weight) * call.dy.height * call.dy.width,
        bytes: moved(call.dy, call.dx) + 4 * weights(call.weight)
      };
    case "convBackwardWeight":
      return {
        flops: 2 * weights(call.weight) * call.dy.height * call.dy.width,
        bytes: moved(call.x, call.dy) + 4 * weights(call.weight)
      };
    case "resample": {
      const taps = plan2.tables[call.rows].taps * plan2.tables[call.cols].taps;
      return { flops: 2 * taps * floatsOf(call.out), bytes: moved(call.x, call.out) };
    }
    case "muon": {
      const [short, long] = [Math.min(call.rows, call.cols), Math.max(call.rows, call.cols)];
      return { flops: 4 * short * short * long + 5 * 8 * short ** 3, bytes: 4 * 5 * call.rows * call.cols };
    }
    case "adam":
      return { flops: 12 * (call.to - call.from), bytes: 4 * 7 * (call.to - call.from) };
    case "keepBest":
    case "endStep":
      return { flops: 0, bytes: 0 };
    case "moments":
      return { flops: 3 * floatsOf(call.x), bytes: moved(call.x) };
    case "normGradients":
      return { flops: 6 * floatsOf(call.x), bytes: moved(call.x, call.dy) };
    case "normBackwardInput":
    case "activationBackward":
      return { flops: 8 * floatsOf(call.x), bytes: moved(call.x, call.dy, call.dx) };
    case "dataTerm":
    case "totalVariation":
      return { flops: 6 * floatsOf(call.x), bytes: 2 * moved(call.x, call.dx) };
    case "average":
    case "variance":
      return { flops: 4 * floatsOf(call.x), bytes: 3 * moved(call.x) };
    case "noise":
    case "pointwise":
      return { flops: 2 * floatsOf(call.out), bytes: moved(call.x, call.out) };
  }
}
function costOfStep(plan2) {
  const costs = plan2.calls.map((call) => costOf(plan2, call));
  return {
    flops: costs.reduce((sum, c) => sum + c.flops, 0),
    bytes: costs.reduce((sum, c) => sum + c.bytes, 0)
  };
}

// bench/workload.ts
var INPUT_DEPTH = 32;
function channelsOf(net) {
  const uniform2 = /^(\d+)x(\d+)$/.exec(net);
  const channels = uniform2 ? Array(Number(uniform2[2])).fill(Number(uniform2[1])) : net.split("+").map(Number);
  if (!channels.every((c) => Number.isInteger(c) && c > 0))
    throw new Error(`Expected a net such as 32x5 or 16+32+64 but received "${net}".`);
  return channels;
}
function workload(net, size2) {
  const g = new Graph();
  const channels = channelsOf(net);
  const z = g.noise(g.input("z", [INPUT_DEPTH, size2, size2]), 1 / 30);
  const image = skip(g, z, { channels, skips: channels.map(() => 4), imageChannels: 3 });
  const plan2 = compile(g, {
    image,
    observed: image,
    weighted: false,
    huber: 0,
    totalVariation: 0,
    optimiser: { kind: "adam", learningRate: 0.01 },
    emaDecay: 0.99,
    varianceAlpha: 0.1,
    bestFrom: 0,
    seed: 1
  });
  const inputs2 = /* @__PURE__ */ new Map([
    ["theta", initialParameters(plan2, 1)],
    ["z", randomInput(INPUT_DEPTH * size2 * size2, 1, 0.1)],
    ["target", randomInput(3 * size2 * size2, 2, 1)]
  ]);
  return { plan: plan2, inputs: inputs2, flops: costOfStep(plan2).flops };
}

// ../../../tmp/gpu/prof.ts
var size = Number(process.argv[2] ?? 64);
var reps = Number(process.argv[3] ?? 2);
var ex = await createWebGpuExecutor(await nodeGpu());
console.log(ex.adapter, [...ex.device.features].join(" "));
var cpu = () => {
  const c = process.cpuUsage();
  return (c.user + c.system) / 1e3;
};
var { plan, inputs, flops } = workload(process.argv[4] ?? "32x5", size);
var c0 = cpu();
var t0 = performance.now();
var run = await ex.compile(plan);
console.log(`compile: cpu ${(cpu() - c0).toFixed(0)} ms, wall ${(performance.now() - t0).toFixed(0)}; pipelines ${ex.pipelines.pipelines.size}, dispatches ${run.dispatches.length}`);
for (const [n, d] of inputs) run.write(n, d);
await run.steps(1);
c0 = cpu();
t0 = performance.now();
await run.steps(2);
console.log(`step: cpu ${((cpu() - c0) / 2).toFixed(0)} ms wall ${((performance.now() - t0) / 2).toFixed(0)}; ${(flops / 1e9).toFixed(2)} GFLOP => ${(flops / ((cpu() - c0) / 2) / 1e6).toFixed(2)} GFLOP/cpu s`);
var kinds = /* @__PURE__ */ new Map();
for (const d of run.dispatches) {
  c0 = cpu();
  for (let r = 0; r < reps; r++) {
    const e = ex.device.createCommandEncoder();
    const p = e.beginComputePass();
    p.setPipeline(d.pipeline);
    p.setBindGroup(0, d.group);
    for (let z = 0; z < 4; z++) p.dispatchWorkgroups(...d.kernel.workgroups);
    p.end();
    ex.device.queue.submit([e.finish()]);
    await ex.device.queue.onSubmittedWorkDone();
  }
  const ms = (cpu() - c0) / reps / 4;
  const key = process.argv[5] ? d.kernel.label : d.kernel.label.split(" ").slice(0, /^conv/.test(d.kernel.label) ? 2 : 1).join(" ");
  const k = kinds.get(key) ?? [0, 0, 0];
  kinds.set(key, [k[0] + ms, k[1] + 1, k[2] + d.kernel.work]);
}
for (const [k, [ms, n, w]] of [...kinds].sort((a, b) => b[1][0] - a[1][0]).slice(0, 40)) console.log(k.padEnd(60), ms.toFixed(1).padStart(8), String(n).padStart(4), (2 * w / ms / 1e6).toFixed(2));
process.exit(0);
