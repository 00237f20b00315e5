import { resolve } from 'node:path';
import { build } from 'esbuild';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** Of each file those that it imports, as esbuild leaves them: types alone are no imports. */
const imports = new Map<string, readonly string[]>();

beforeAll(async () => {
  const files = globSync(['src/**/*.ts', '!**/assembly/**', '!**/*.d.ts'], { cwd: root });
  const { metafile } = await build({
    absWorkingDir: root,
    stdin: {
      contents: files.map((file, i) => `export * as file${i} from './${file}';`).join('\n'),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'out',
    format: 'esm',
    target: 'esnext',
    packages: 'external',
    loader: { '.wasm': 'empty', '.css': 'empty' },
    logLevel: 'error',
  });
  for (const [file, { imports: found }] of Object.entries(metafile.inputs))
    imports.set(
      file,
      found.filter(({ external }) => !external).map(({ path }) => path),
    );
});

/** A way from a file back to itself, along imports. */
function circleThrough(start: string): string[] | undefined {
  const seen = new Set<string>();
  const search = (file: string, way: readonly string[]): string[] | undefined => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [...way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = search(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}

/** What each room may import besides itself; docs/architecture.md says why. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/engine': [],
  'src/wire': ['src/engine/choices.ts'],
  'src/plugin': ['src/wire', 'src/engine/choices.ts'],
  'src/penpot': [
    'src/wire',
    'src/plugin/chosen-fill.ts',
    'src/plugin/geometry.ts',
    'src/plugin/refusal.ts',
    'src/engine/choices.ts',
  ],
  'src/browser': ['src/engine'],
  'src/ui': ['src/wire', 'src/browser', 'src/engine', 'src/shared'],
  'src/node': ['src/engine', 'src/shared'],
  'src/shared': ['src/engine'],
  'src/damage': ['src/engine', 'src/node', 'src/shared'],
  'src/cli': ['src/engine', 'src/node', 'src/shared', 'src/damage'],
  'src/eval': ['src/engine', 'src/node', 'src/shared', 'src/damage'],
};

describe('imports', () => {
  it('make no circles', () => {
    const circles = [...imports.keys()].flatMap((file) => circleThrough(file)?.join(' → ') ?? []);
    expect(imports.size).toBeGreaterThan(300);
    expect(circles).toEqual([]);
  });

  it('go one way between the rooms', () => {
    const within = (file: string, room: string) => file === room || file.startsWith(`${room}/`);
    const astray = [...imports].flatMap(([file, found]) => {
      if (!file.startsWith('src/')) return [];
      const room = Object.keys(ROOMS).find((name) => within(file, name));
      if (!room) return [`${file} is in no room`];
      const open = [room, ...ROOMS[room]!];
      return found
        .filter((path) => path.startsWith('src/') && !open.some((name) => within(path, name)))
        .map((path) => `${file} imports ${path}`);
    });
    expect(astray).toEqual([]);
  });
});
