import { afterEach, describe, expect, it } from 'vitest';
import { Client, type Port, serve } from '../../src/ui/worker/rpc.ts';

type Double = { double: { params: number; event: never; answer: number } };

let close: () => void;
afterEach(() => close());

function connected() {
  const { port1, port2 } = new MessageChannel();
  close = () => port1.close();
  serve<Double>(port2 as unknown as Port, {
    double: async (value) => {
      if (value === 3) throw new RangeError('three');
      return { value: 2 * value, transfer: [] };
    },
  });
  port1.start();
  port2.start();
  return new Client<Double>(port1 as unknown as Port);
}

describe('calls over a port', () => {
  it('are answered, or fail with the name of the error', async () => {
    const client = connected();
    expect(await Promise.all([client.call('double', 2), client.call('double', 5)])).toEqual([4, 10]);
    await expect(client.call('double', 3)).rejects.toMatchObject({ name: 'RangeError', message: 'three' });
  });

  it('of a method nobody knows fail at once', async () => {
    await expect(connected().call('halve' as 'double', 2)).rejects.toThrow('Nobody here knows "halve"');
  });

  it('of what cannot be sent fail, and the next is answered', async () => {
    const client = connected();
    await expect(client.call('double', (() => 1) as never)).rejects.toThrow(/could not be cloned/);
    expect(await client.call('double', 4)).toBe(8);
  });

  it('to a worker that never came up fail, now and later; one that lives on answers later', async () => {
    const dead = connected();
    const waiting = dead.call('double', 1);
    dead.fail(new Error('refused'));
    await expect(waiting).rejects.toThrow('refused');
    await expect(dead.call('double', 1)).rejects.toThrow('refused');
    const alive = connected();
    await alive.call('double', 1);
    alive.fail(new Error('uncaught'));
    expect(await alive.call('double', 1)).toBe(2);
  });
});
