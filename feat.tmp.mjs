// feat.tmp.ts
import { readFileSync } from "node:fs";
import sharp from "sharp";

// src/engine/dither/mixture.ts
var MIXED = { not: 0.25, sure: 0.5, seldom: 4, least: 3, range: 80 };
var MOST = 256;
function* mixtureIn(picture) {
  const { width, height } = picture;
  const numbered = picture.alpha ? void 0 : numberedColours(picture);
  if (!numbered) return void 0;
  const { colourAt, palette } = numbered;
  const colours = palette.length / picture.channels;
  const meet = new Float32Array(colours ** 2);
  const dots = [meet.slice(), meet.slice()];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 1; x < width; x++) countMeeting(row + x, 1, x > 1, dots[0]);
    for (let x = 0; y > 0 && x < width; x++) countMeeting(row + x, width, y > 1, dots[1]);
    yield;
  }
  let [met, mixing, apart] = [0, 0, 0];
  const mixed = meet.map((places, pair) => {
    const [a, b] = [Math.floor(pair / colours), pair % colours];
    if (a === b) return 1;
    met += places;
    const away = distances(palette, colours, a, b);
    if (places < MIXED.least || Math.max(...away) > MIXED.range) return 0;
    const share2 = 2 * Math.min(dots[0][pair], dots[1][pair]) / (places + MIXED.seldom);
    const sure = Math.min(1, Math.max(0, (share2 - MIXED.not) / (MIXED.sure - MIXED.not)));
    mixing += sure * places;
    apart += sure * places * away.reduce((sum, d) => sum + d ** 2, 0);
    return sure;
  });
  const [share, step] = [mixing / (met || 1), Math.sqrt(apart / (mixing || 1)) / 255];
  return { colourAt, colours, mixed, share, step, flat: flatShare(colourAt, width, height) };
  function countMeeting(at, step2, isThird, dotsOf) {
    const [a, b] = [colourAt[at], colourAt[at - step2]];
    if (a === b) return;
    const isDot = isThird && colourAt[at - 2 * step2] === a;
    for (const pair of [a * colours + b, b * colours + a]) {
      meet[pair]++;
      if (isDot) dotsOf[pair] += 2;
    }
  }
}
var distances = (palette, colours, a, b) => Array.from(
  { length: palette.length / colours },
  (_, c) => Math.abs(palette[c * colours + a] - palette[c * colours + b])
);
function flatShare(colourAt, width, height) {
  let flat = 0;
  for (let y = 1; y + 1 < height; y++)
    for (let x = 1; x + 1 < width; x++) {
      const at = y * width + x;
      let same = true;
      for (let row = at - width; same && row <= at + width; row += width)
        for (let i = row - 1; i <= row + 1; i++) same &&= colourAt[i] === colourAt[at];
      if (same) flat++;
    }
  return flat / ((width - 2) * (height - 2));
}
function numberedColours({ colour, channels, width, height }) {
  const n = width * height;
  const numbers = /* @__PURE__ */ new Map();
  const colourAt = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    let key = 0;
    for (let c = 0; c < channels; c++) key = 256 * key + Math.round(255 * colour[c * n + i]);
    let number = numbers.get(key);
    if (number === void 0) {
      if (numbers.size === MOST) return void 0;
      number = numbers.size;
      numbers.set(key, number);
    }
    colourAt[i] = number;
  }
  const palette = Array.from(
    { length: channels },
    (_, c) => Array.from(numbers.keys(), (key) => Math.floor(key / 256 ** (channels - 1 - c)) % 256)
  ).flat();
  return { colourAt, palette };
}

// src/engine/image/axis-table.ts
function tableFromRows(label, inputs, rows) {
  const spans = rows.map((row) => {
    const used = row.filter(([, weight]) => weight !== 0).map(([index]) => index);
    return used.length === 0 ? [0, 0] : [Math.min(...used), Math.max(...used)];
  });
  const taps = Math.max(1, ...spans.map(([first, last]) => last - first + 1));
  const start = new Int32Array(rows.length);
  const weights = new Float32Array(rows.length * taps);
  rows.forEach((row, i) => {
    start[i] = Math.min(spans[i][0], inputs - taps);
    for (const [index, weight] of row) if (weight !== 0) weights[i * taps + index - start[i]] += weight;
  });
  return { label, inputs, outputs: rows.length, taps, start, weights };
}
var clampIndex = (i, n) => Math.min(Math.max(i, 0), n - 1);
function kernelTable({ label, support, weightAt }, inputs, outputs, ratio = inputs / outputs) {
  const stretch = Math.max(1, ratio);
  const rows = Array.from({ length: outputs }, (_, i) => {
    const centre = (i + 0.5) * ratio - 0.5;
    const row = [];
    let sum = 0;
    for (let j = Math.ceil(centre - support * stretch); j <= Math.floor(centre + support * stretch); j++) {
      const weight = weightAt((j - centre) / stretch);
      row.push([clampIndex(j, inputs), weight]);
      sum += weight;
    }
    return row.map(([j, weight]) => [j, weight / sum]);
  });
  return tableFromRows(label, inputs, rows);
}
function tentTable(n, reach) {
  return kernelTable({ label: "tent", support: reach, weightAt: (x) => 1 - Math.abs(x) / reach }, n, n);
}
function applyTables(x, channels, rows, cols) {
  const half = new Float32Array(channels * rows.inputs * cols.outputs);
  const { taps, start, weights, inputs, outputs } = cols;
  for (let r = 0; r < channels * rows.inputs; r++)
    for (let j = 0; j < outputs; j++) {
      const [from, at] = [r * inputs + start[j], j * taps];
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += weights[at + t] * x[from + t];
      half[r * outputs + j] = sum;
    }
  const out = new Float32Array(channels * rows.outputs * cols.outputs);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < rows.outputs; i++)
      for (let t = 0; t < rows.taps; t++) {
        const weight = rows.weights[i * rows.taps + t];
        const from = (c * rows.inputs + rows.start[i] + t) * cols.outputs;
        const to = (c * rows.outputs + i) * cols.outputs;
        if (weight !== 0) for (let j = 0; j < cols.outputs; j++) out[to + j] += weight * half[from + j];
      }
  return out;
}

// src/engine/image/box.ts
function cutPlane(plane, stride, box) {
  const out = plane.slice(0, box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * stride + box.x;
    out.set(plane.subarray(from, from + box.width), y * box.width);
  }
  return out;
}
function cutPicture(picture, box) {
  const n = picture.width * picture.height;
  const colour = new Float32Array(picture.channels * box.width * box.height);
  for (let c = 0; c < picture.channels; c++) {
    const plane = picture.colour.subarray(c * n, (c + 1) * n);
    colour.set(cutPlane(plane, picture.width, box), c * box.width * box.height);
  }
  const alpha = picture.alpha && cutPlane(picture.alpha, picture.width, box);
  return { width: box.width, height: box.height, channels: picture.channels, colour, alpha };
}
function paste({ channels, width, height, colour }, box, patch) {
  for (let row = 0; row < channels * box.height; row++) {
    const [c, y] = [Math.floor(row / box.height), row % box.height];
    const line = patch.subarray(row * box.width, (row + 1) * box.width);
    colour.set(line, (c * height + box.y + y) * width + box.x);
  }
}

// src/engine/dither/undithered.ts
var STRIP = { rows: 64, around: 8 };
var NEAR = { reach: 4, spread: 1.4, unlike: 0.3, least: 2 / 255 };
var SMOOTH = { surroundings: 2.6, kept: 3 };
function* undithered(picture, mixture, over) {
  return yield* byStrips(picture, over, function* (strip, top) {
    const { width, height, channels, colour } = strip;
    const n = width * height;
    const around = smoothed(strip, colour, SMOOTH.surroundings);
    const { colourAt, colours, mixed, step } = mixture;
    const unlikely = 1 / (2 * Math.max(NEAR.least, NEAR.unlike * step) ** 2);
    const first = top * picture.width;
    const out = new Float32Array(colour.length);
    const sum = new Float64Array(channels);
    for (let y = 0; y < height; y++) {
      const [from, to] = [Math.max(0, y - NEAR.reach), Math.min(height - 1, y + NEAR.reach)];
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        const own = colourAt[first + at] * colours;
        let total = 0;
        sum.fill(0);
        const right = Math.min(width - 1, x + NEAR.reach);
        for (let row = from; row <= to; row++)
          for (let column = Math.max(0, x - NEAR.reach); column <= right; column++) {
            const other = row * width + column;
            const sure = mixed[own + colourAt[first + other]];
            if (sure === 0) continue;
            let unlike = 0;
            for (let p = at, q = other; p < colour.length; p += n, q += n)
              unlike += (around[p] - around[q]) ** 2;
            const away = (row - y) ** 2 + (column - x) ** 2;
            const weight = sure * Math.exp(-away * AWAY - unlike * unlikely);
            for (let c = 0; c < channels; c++) sum[c] += weight * colour[c * n + other];
            total += weight;
          }
        for (let c = 0; c < channels; c++) out[c * n + at] = sum[c] / total;
      }
      yield;
    }
    return out;
  });
}
var AWAY = 1 / (2 * NEAR.spread ** 2);
function* asDithered(picture, estimate, over) {
  const whole = { ...picture, colour: estimate };
  return yield* byStrips(picture, over, function* (strip, top) {
    const { width, height, colour } = strip;
    const ours = cutPicture(whole, { x: 0, y: top, width, height }).colour;
    const missing = smoothed(
      strip,
      colour.map((value, i) => value - ours[i]),
      SMOOTH.kept
    );
    yield;
    for (let i = 0; i < ours.length; i++) {
      const [x, y] = [i % width, Math.floor(i / width) % height];
      const plane = i - y * width - x;
      let [least, most] = [1, 0];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const value = colour[plane + clampIndex(y + dy, height) * width + clampIndex(x + dx, width)];
          if (value < least) least = value;
          if (value > most) most = value;
        }
      ours[i] = Math.min(most, Math.max(least, ours[i] + missing[i]));
    }
    return ours;
  });
}
var smoothed = ({ width, height, channels }, planes, reach) => applyTables(planes, channels, tentTable(height, reach), tentTable(width, reach));
function* byStrips(picture, over, filter) {
  const { width, height } = picture;
  const result = { ...picture, colour: picture.colour.slice() };
  for (let y = 0; y < height && !over(); y += STRIP.rows) {
    const rows = Math.min(STRIP.rows, height - y);
    const top = Math.max(0, y - STRIP.around);
    const box = { x: 0, y: top, width, height: Math.min(height, y + rows + STRIP.around) - top };
    const strip = cutPicture(picture, box);
    const made = { ...strip, colour: yield* filter(strip, top) };
    const core = { x: 0, y: y - top, width, height: rows };
    paste(result, { ...core, y }, cutPicture(made, core).colour);
    yield;
  }
  return result.colour;
}

// src/engine/errors.ts
var NAMES = {
  "invalid-option": "InvalidOptionError",
  "image-size": "ImageSizeError",
  "invalid-samples": "InvalidSamplesError",
  mask: "MaskError",
  "gpu-unavailable": "GpuUnavailableError",
  "device-lost": "DeviceLostError",
  "out-of-memory": "OutOfMemoryError",
  diverged: "DivergedError",
  checkpoint: "CheckpointError"
};
function shown(value) {
  if (typeof value === "string") return value.length > 200 ? `"${value.slice(0, 200)}\u2026"` : `"${value}"`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const { length } = value;
  return Number.isInteger(length) ? `${kind}(${length})` : kind === "Object" ? "an object" : `a ${kind}`;
}
var RestoreError = class extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
    this.name = NAMES[code];
  }
  code;
};
var InvalidOptionError = class _InvalidOptionError extends RestoreError {
  constructor(message) {
    super("invalid-option", message);
  }
  static of(name, expected, received) {
    return new _InvalidOptionError(`Expected ${expected} for ${name} but received ${shown(received)}.`);
  }
};
var ImageSizeError = class extends RestoreError {
  constructor(message) {
    super("image-size", message);
  }
};
var InvalidSamplesError = class extends RestoreError {
  constructor(message) {
    super("invalid-samples", message);
  }
};

// src/engine/image/interleaved.ts
var isInterleaved = (image) => "info" in image && "data" in image;

// src/engine/image/tensor.ts
var isTensor = (image) => "dtype" in image && "shape" in image;

// src/engine/image/check-image.ts
function hasTag(value, ...kinds) {
  return ArrayBuffer.isView(value) && kinds.includes(value[Symbol.toStringTag]);
}
var FORMS = "an ImageData or other {data, width, height}, {planes, width, height}, sharp\u2019s {data, info} or a tensor";
function checkForm(image) {
  if (typeof image !== "object" || image === null) throw InvalidOptionError.of("the image", FORMS, image);
  const { planes, data, info, shape } = image;
  if (isTensor(image)) {
    const whole = isShort(shape) && shape.every((side) => Number.isInteger(side) && side >= 0);
    if (!whole || typeof data !== "function")
      throw new InvalidSamplesError(
        `Expected a tensor {shape, dtype, data()} but its shape is ${shown(shape)}.`
      );
  } else if (isInterleaved(image)) {
    if (typeof info !== "object" || info === null)
      throw new InvalidSamplesError(`Expected info {width, height, channels} but received ${shown(info)}.`);
    checkData(data, "Uint8Array", "Uint8ClampedArray", "Uint16Array", "Float32Array");
  } else if ("planes" in image) {
    if (!isShort(planes) || !planes.every((plane) => hasTag(plane, "Float32Array")))
      throw new InvalidSamplesError(`Expected planes as Float32Array but received ${shown(planes)}.`);
  } else if (data === void 0) throw InvalidOptionError.of("the image", FORMS, image);
  else checkData(data, "Uint8Array", "Uint8ClampedArray");
}
var isShort = (list) => Array.isArray(list) && list.length <= 8;
function checkData(data, ...kinds) {
  if (hasTag(data, ...kinds)) return;
  throw new InvalidSamplesError(
    `Expected an image's data as ${kinds.join(" or ")} but received ${shown(data)}.`
  );
}

// src/engine/image/picture.ts
var MIN_SIDE = 8;
var isPlanar = (image) => "planes" in image;
function toPicture(image) {
  checkForm(image);
  checkSize(image);
  return isPlanar(image) ? fromPlanes(image) : fromRaster(image);
}
function checkSize({ width, height }) {
  const whole = Number.isInteger(width) && Number.isInteger(height);
  if (!whole || width < MIN_SIDE || height < MIN_SIDE)
    throw new ImageSizeError(
      `Expected an image of at least ${MIN_SIDE}\xD7${MIN_SIDE} pixels but received ${shown(width)}\xD7${shown(height)}.`
    );
}
function fromPlanes({ planes, width, height }) {
  const n = width * height;
  if (![1, 3, 4].includes(planes.length))
    throw new InvalidSamplesError(
      `Expected 1, 3 or 4 planes (grey, RGB, RGBA) but received ${planes.length}.`
    );
  planes.forEach((plane, p) => {
    if (plane.length !== n)
      throw new ImageSizeError(
        `Expected ${n} samples in plane ${p} (${width}\xD7${height}) but received ${plane.length}.`
      );
    const bad = plane.findIndex((x) => !(x >= 0 && x <= 1));
    if (bad >= 0)
      throw new InvalidSamplesError(
        `Expected samples in [0, 1] but plane ${p} has ${plane[bad]} at (${bad % width}, ${Math.floor(bad / width)}).`
      );
  });
  const channels = planes.length === 1 ? 1 : 3;
  const colour = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) colour.set(planes[c], c * n);
  return { width, height, channels, colour, alpha: planes.length === 4 ? planes[3].slice() : null };
}
function fromRaster({ data, width, height }) {
  const n = width * height;
  if (data.length !== 4 * n)
    throw new ImageSizeError(
      `Expected ${4 * n} bytes of RGBA for ${width}\xD7${height} but received ${data.length}.`
    );
  let grey = true;
  let opaque = true;
  for (let i = 0; i < 4 * n; i += 4) {
    grey &&= data[i] === data[i + 1] && data[i] === data[i + 2];
    opaque &&= data[i + 3] === 255;
  }
  const channels = grey ? 1 : 3;
  const colour = new Float32Array(channels * n);
  for (let c = 0; c < channels; c++) for (let i = 0; i < n; i++) colour[c * n + i] = data[4 * i + c] / 255;
  const alpha = opaque ? null : Float32Array.from({ length: n }, (_, i) => data[4 * i + 3] / 255);
  return { width, height, channels, colour, alpha };
}

// src/engine/time-slicing.ts
var began = Number.NEGATIVE_INFINITY;
function atOnce(work) {
  for (; ; ) {
    const piece = work.next();
    if (piece.done) return piece.value;
    if (piece.value) throw new Error("Expected work that never waits: work that does is done inTurns.");
  }
}

// feat.tmp.ts
var never = () => false;
function f(d, dx, dy) {
  let s = 0, e = 0;
  const { width: w, height: h, channels, colour } = d;
  for (let c = 0; c < channels; c++) for (let y = 0; y + 4 < h; y++) for (let x = 4; x + 4 < w; x++) {
    const at = (c * h + y) * w + x;
    s += colour[at] * colour[at + dy * w + dx];
    e += colour[at] ** 2;
  }
  return +(s / (e || 1)).toFixed(3);
}
for (const file of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { data, info } = await sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const rgba = new Uint8ClampedArray(info.width * info.height * 4).fill(255);
  for (let i = 0; i < info.width * info.height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[info.channels * i + (info.channels === 3 ? c : 0)];
  const p = toPicture({ width: info.width, height: info.height, data: rgba });
  const m = atOnce(mixtureIn(p));
  const name = file.split("/").pop();
  if (!m) {
    console.log(JSON.stringify({ name, none: 1 }));
    continue;
  }
  const { width: w, height: h } = p;
  const K = m.colours;
  const o = { name, K, flat: +m.flat.toFixed(3), share: +m.share.toFixed(3), step: +m.step.toFixed(4) };
  const counts = [];
  const mixedShare = [];
  for (let y = 0; y + 8 <= h; y += 8) for (let x = 0; x + 8 <= w; x += 8) {
    const s = /* @__PURE__ */ new Set();
    for (let v = 0; v < 8; v++) for (let u = 0; u < 8; u++) s.add(m.colourAt[(y + v) * w + x + u]);
    counts.push(s.size);
  }
  counts.sort((a, b) => a - b);
  o.loc = [0.1, 0.25, 0.5, 0.75].map((q) => counts[Math.floor(q * (counts.length - 1))]);
  const meet = new Float64Array(K * K);
  for (let y = 0; y < h; y++) for (let x = 1; x < w; x++) {
    const a = m.colourAt[y * w + x], b = m.colourAt[y * w + x - 1];
    if (a !== b) {
      meet[a * K + b]++;
      meet[b * K + a]++;
    }
    const b2 = y ? m.colourAt[y * w + x - w] : a;
    if (a !== b2) {
      meet[a * K + b2]++;
      meet[b2 * K + a]++;
    }
  }
  let H = 0, T = 0, any = 0, dist = 0;
  for (let a = 0; a < K; a++) {
    let t = 0;
    for (let b = 0; b < K; b++) t += meet[a * K + b];
    if (!t) continue;
    let e = 0;
    for (let b = 0; b < K; b++) if (meet[a * K + b]) {
      const q = meet[a * K + b] / t;
      e -= q * Math.log(q);
    }
    H += e * t;
    T += t;
  }
  o.partners = +Math.exp(H / T).toFixed(2);
  if (m.share >= 0.1) {
    const est = atOnce(asDithered(p, atOnce(undithered(p, m, never)), never));
    const d = { ...p, colour: p.colour.map((v, i) => v - est[i]) };
    o.c = [[1, 0], [0, 1], [1, 1], [-1, 1], [2, 0], [0, 2], [2, 2], [3, 0], [0, 3], [4, 0], [0, 4]].map(([x, y]) => f(d, x, y));
    o.tf = +(o.c[0] + o.c[1] - o.c[2] - o.c[3]).toFixed(3);
    {
      const B = 16;
      const bl = [];
      const n2 = w * h;
      for (let by = 0; by + B < h; by += B) for (let bx = B; bx + B <= w; bx += B) {
        let g = 0, s = 0, e = 0;
        for (let c = 0; c < p.channels; c++) for (let y = by; y < by + B; y++) for (let x = bx; x < bx + B && x + 1 < w; x++) {
          const at = c * n2 + y * w + x;
          const q = d.colour;
          g += (est[at + 1] - est[at]) ** 2 + (est[at + w] - est[at]) ** 2;
          s += q[at] * (q[at + 1] + q[at + w] - q[at + w + 1] - q[at + w - 1]);
          e += q[at] ** 2;
        }
        if (e > 0) bl.push([g / e, s, e]);
      }
      bl.sort((a, b) => a[0] - b[0]);
      o.tq = [0.1, 0.25, 0.5].map((f2) => {
        const k = bl.slice(0, Math.max(1, Math.floor(f2 * bl.length)));
        return +(k.reduce((t, b) => t + b[1], 0) / k.reduce((t, b) => t + b[2], 0)).toFixed(3);
      });
    }
    let small = 0, mid = 0, big = 0, n = 0;
    for (let y = 1; y + 1 < h; y++) for (let x = 1; x + 1 < w; x++) {
      const i = y * w + x;
      let a = 0;
      for (let c = 0; c < p.channels; c++) {
        const k = c * w * h + i;
        a += Math.abs(4 * est[k] - est[k - 1] - est[k + 1] - est[k - w] - est[k + w]);
      }
      a *= 255 / p.channels / 4;
      n++;
      if (a < 0.5) small++;
      else if (a < 2) mid++;
      else big++;
    }
    o.lap = [small / n, mid / n, big / n].map((v) => +v.toFixed(2));
  }
  console.log(JSON.stringify(o));
}
