import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';

const listing = resolve(import.meta.dirname, '../../docs/listing');

it('the listing has what Figma asks for, in its sizes', async () => {
  const sizes = { icon: '128 × 128', cover: '1920 × 960' };
  for (const screen of ['fill', 'restore', 'upscale'])
    Object.assign(sizes, { [`screen-${screen}`]: '1920 × 1080' });
  for (const [name, size] of Object.entries(sizes)) {
    const { width, height } = await sharp(resolve(listing, `${name}.png`)).metadata();
    expect(`${width} × ${height}`, name).toBe(size);
  }
  const text = await readFile(resolve(listing, 'README.md'), 'utf8');
  const section = (title: string) => text.split(`## ${title}\n`)[1]?.split('\n## ')[0]?.trim() ?? '';
  const manifest = JSON.parse(await readFile(resolve(listing, '../../manifest.json'), 'utf8'));
  expect(section('Name')).toBe(manifest.name);
  expect(section('Tagline').length).toBeLessThanOrEqual(100);
  for (const title of [
    'Description',
    'Support contact',
    'Privacy',
    'Review checklist',
    'Security disclosure form',
  ])
    expect(section(title), title).not.toBe('');
});
