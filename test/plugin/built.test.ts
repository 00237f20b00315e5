import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';

const read = (name: string) => readFile(resolve(import.meta.dirname, '../..', name), 'utf8');

describe('dist/code.js', () => {
  it('has at most 100 kB', async () => {
    expect(Buffer.byteLength(await read('dist/code.js'))).toBeLessThanOrEqual(100_000);
  });

  it('is ES2017: there is nothing in it to bring down to that', async () => {
    const code = await read('dist/code.js');
    const printed = async (source: string, target: string) => (await transform(source, { target })).code;
    expect(await printed(code, 'es2017')).toBe(await printed(code, 'esnext'));
    const newer = 'const f = ({ a, ...rest }) => rest?.b ?? a;';
    expect(await printed(newer, 'es2017')).not.toBe(await printed(newer, 'esnext'));
  });

  it('calls nothing that dynamic-page forbids and no network', async () => {
    const code = await read('dist/code.js');
    for (const forbidden of ['getNodeById(', 'getStyleById(', 'fetch(', 'XMLHttpRequest', 'eval('])
      expect(code.includes(forbidden), forbidden).toBe(false);
  });
});

describe('what is built in', () => {
  it('comes with its licences', async () => {
    const panel = await read('dist/ui.html');
    for (const name of ['fast-png', 'fflate', 'valibot', '@fontsource-variable/inter'])
      expect(panel, name).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(panel).toContain('SIL OPEN FONT LICENSE');
    expect(panel).not.toMatch(/^Licence: undefined/m);
  });
});

describe('dependencies', () => {
  it('are pinned by their integrity, and those with install scripts are named', async () => {
    const { packages } = JSON.parse(await read('package-lock.json')) as {
      packages: Record<string, { integrity?: string; link?: boolean; hasInstallScript?: boolean }>;
    };
    const all = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);
    expect(all.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([]);
    const said = await read('SECURITY.md');
    for (const [path, { hasInstallScript }] of all)
      if (hasInstallScript) expect(said).toContain(`\`${path.replace('node_modules/', '')}\``);
  });
});

describe('dist/ui.html', () => {
  it('makes no code of text, but for the one trial of Diagnostics, and opens no connection', async () => {
    const panel = await read('dist/ui.html');
    expect(panel).not.toMatch(/[^\w.]eval\(/);
    expect(panel.match(/new Function\(/g) ?? []).toHaveLength(1);
    expect(panel).not.toMatch(/XMLHttpRequest|new WebSocket|sendBeacon/);
  });
});

describe('manifest.json', () => {
  it('asks for no network and for dynamic pages', async () => {
    const manifest = JSON.parse(await read('manifest.json'));
    expect(manifest.networkAccess.allowedDomains).toEqual(['none']);
    expect(manifest.documentAccess).toBe('dynamic-page');
    expect([manifest.main, manifest.ui]).toEqual(['dist/code.js', 'dist/ui.html']);
  });

  it('has every relaunch button that results carry', async () => {
    const { relaunchButtons } = JSON.parse(await read('manifest.json'));
    const commands = relaunchButtons.map(({ command }: { command: string }) => command);
    expect(commands).toEqual(['again', 'compare', 'revert']);
  });
});
