import { expect, it } from 'vitest';
import { CheckpointSlots } from '../../src/engine/executors/checkpoint.ts';

it('goes back to the checkpoint before the last, and to that again until others are saved', () => {
  const slots = new CheckpointSlots();
  expect(() => slots.rollback()).toThrow('no checkpoint');
  const held: string[] = [];
  const save = (name: string) => {
    held[slots.save()] = name;
  };
  const rollback = () => held[slots.rollback()];
  save('a');
  expect(rollback()).toBe('a');
  save('b');
  expect(rollback()).toBe('a');
  expect(rollback()).toBe('a');
  save('c');
  save('d');
  expect(rollback()).toBe('c');
  save('e');
  expect(rollback()).toBe('c');
});
