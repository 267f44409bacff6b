import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { abortable, yieldToEventLoop } from '../../lib/core/cancellation.ts';
import { errorCodes, FaceNetError } from '../../lib/core/errors.ts';
import { FaceNet } from '../../lib/index.ts';
import { byName, checkLoadOptions, detectionLimits } from '../../lib/pipeline/options.ts';

const lib = resolve(import.meta.dirname, '../../lib');
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const importsOf = (path: string) =>
  [...readFileSync(join(lib, path), 'utf8').matchAll(/(?:from |import\()'([^']+)'/g)].map(([, module = '']) => module);

describe('the house', () => {
  test('has no circles', () => {
    const state = new Map<string, 'open' | 'done'>();
    const visit = (path: string, trail: string[]): void => {
      if (state.get(path) === 'open') throw new Error(`a circle: ${[...trail, path].join(' → ')}`);
      if (state.has(path)) return;
      state.set(path, 'open');
      for (const module of importsOf(path).filter((name) => name.startsWith('.'))) {
        visit(relative(lib, resolve(lib, dirname(path), module)), [...trail, path]);
      }
      state.set(path, 'done');
    };
    expect(files.length).toBeGreaterThan(25);
    for (const path of files) visit(path, []);
  });

  test('takes from outside its engines, the validator, the wrapper of IndexedDB and in its hooks React only, and nothing of Node, of the scripts or of the demo', () => {
    const outside = files.flatMap((path) => importsOf(path).map((module) => ({ path, module })));
    for (const { path, module } of outside) {
      if (module.startsWith('.')) expect(resolve(lib, dirname(path), module).startsWith(lib), path).toBe(true);
      else if (!(module === 'react' && path.startsWith('react/'))) {
        expect(module, path).toMatch(/^(@(tensorflow|mediapipe)\/|valibot$|idb$)/);
      }
    }
  });

  test('learns in a room of its own: nothing else imports it, and it takes TensorFlow.js only when it is started', () => {
    const training = join(lib, 'training');
    const inTraining = (path: string) => resolve(lib, path).startsWith(training);
    for (const path of files.filter((path) => !inTraining(path))) {
      const reached = importsOf(path).map((module) => resolve(lib, dirname(path), module));
      expect(
        reached.filter((target) => target.startsWith(training)),
        path,
      ).toEqual([]);
    }
    for (const path of files.filter(inTraining)) {
      const source = readFileSync(join(lib, path), 'utf8');
      expect(source, path).not.toMatch(/^import (?!type )[^;]*from '@tensorflow/m);
    }
  });

  test('has a ground floor that stands on nothing', () => {
    expect(importsOf('core/types.ts')).toEqual([]);
    expect(importsOf('core/errors.ts')).toEqual([]);
  });
});

describe('options', () => {
  test.each([
    [() => checkLoadOptions({ backend: 'cuda' as 'wasm' }), 'backend'],
    [() => checkLoadOptions({ onProgress: 7 as never }), 'onProgress'],
    [() => detectionLimits(new Blob(), { minScore: 1.5 }), 'minScore'],
    [() => detectionLimits(new Blob(), { minScore: Number.NaN }), 'minScore'],
    [() => detectionLimits(new Blob(), { maxFaces: 0 }), 'maxFaces'],
    [() => byName('embedder', [{ name: 'a' }], 'b'), 'embedder'],
  ])('a bad one is refused by name: %s', (call, option) => {
    expect(call).toThrow(expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining(option) }));
  });

  test('an unknown name is answered with those that there are', () => {
    expect(() => byName('detector', [{ name: 'one' }, { name: 'two' }], 'three')).toThrow('"one", "two"');
  });
});

describe('FaceNetError', () => {
  test('is an Error with a name, a code of the list, and a cause', () => {
    const cause = new Error('deep');
    const error = new FaceNetError('model-corrupt', 'weights.bin is damaged.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, code: error.code, cause: error.cause }).toEqual({
      name: 'FaceNetError',
      code: 'model-corrupt',
      cause,
    });
    expect(Object.keys(errorCodes)).toContain(error.code);
  });
});

describe('in plain Node', () => {
  test('loading says what is wrong, as a FaceNetError', async () => {
    await expect(FaceNet.load()).rejects.toMatchObject({ name: 'FaceNetError', code: 'option-invalid' });
    await expect(FaceNet.load({ models: 'http://127.0.0.1:9/' })).rejects.toMatchObject({ code: 'model-missing' });
  });
});

describe('signals', () => {
  test('an abort wins over a promise that never settles, and leaves no listener', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    expect(await abortable(Promise.resolve(7), signal)).toBe(7);
    const waiting = abortable(new Promise(() => {}), signal);
    controller.abort('because');
    await expect(waiting).rejects.toBe('because');
    await expect(abortable(Promise.resolve(7), signal)).rejects.toBe('because');
    expect(listeners).toBe(0);
  });

  test('breathing lets through what waits once 8 ms have passed, and not before', async () => {
    const clock = vi.spyOn(performance, 'now');
    let through = false;
    const begin = performance.now() + 1000;
    clock.mockReturnValue(begin);
    await yieldToEventLoop(undefined);
    setImmediate(() => {
      through = true;
    });
    clock.mockReturnValue(begin + 7);
    for (let i = 0; i < 1000; i++) await yieldToEventLoop(undefined);
    expect(through).toBe(false);
    clock.mockReturnValue(begin + 8);
    await yieldToEventLoop(undefined);
    await yieldToEventLoop(undefined);
    expect(through).toBe(true);
    clock.mockRestore();
  });

  test('breathing lets timers run, and throws when they abort', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('late'), 0);
    const busy = async () => {
      const end = performance.now() + 10_000;
      while (performance.now() < end) await yieldToEventLoop(controller.signal);
    };
    await expect(busy()).rejects.toBe('late');
  });
});
