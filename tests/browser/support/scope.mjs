import assert from 'node:assert/strict';
import test from 'node:test';

/** What one test has opened, ended last to first, and what must hold when it is over. */
export class Scope {
  #ends = [];
  #checks = [];

  /** Calls `end` when the test is over, whatever became of it. */
  defer(end) {
    this.#ends.push(end);
  }

  /** Calls `check` when the test has done everything else and all is still running. */
  finally(check) {
    this.#checks.push(check);
  }

  async check() {
    for (const check of this.#checks) await check();
  }

  async end() {
    for (const end of this.#ends.reverse()) {
      try {
        await end();
      } catch (error) {
        console.error(`ending: ${error}`);
      }
    }
  }
}

/** A test that ends what it started. */
export function scenario(name, body, { timeout = 90_000 } = {}) {
  test(name, { timeout }, async (t) => {
    const scope = new Scope();
    try {
      await body(scope, t);
      await scope.check();
    } finally {
      await scope.end();
    }
  });
}

/** Asks again and again until the answer is truthy, and answers it; what it waited for is in the error. */
export async function until(what, ask, { limit = 30_000, every = 50 } = {}) {
  const deadline = Date.now() + limit;
  let last;
  do {
    last = await ask();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, every));
  } while (Date.now() < deadline);
  assert.fail(`waited ${limit / 1000} s for ${typeof what === 'function' ? what() : what}`);
}
