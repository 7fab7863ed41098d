// How a judge says what it found: a line for each step, and an exit code.

/** Runs every step, whatever became of those before it, and ends the process. */
export async function run(steps) {
  let failures = 0;
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok      ${name}`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED  ${name}: ${oneLine(error)}`);
    }
  }
  process.exit(failures === 0 ? 0 : 1);
}

/** Throws unless `condition` holds. */
export function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

/** Throws unless `operation` fails with this OAuth error code. */
export async function refused(code, operation) {
  const error = await operation.then(() => undefined, (failure) => failure);
  expect(error !== undefined, `expected ${code}, but it went through`);
  // openid-client puts a challenge in the place of the body that came with it.
  const got = error.error ?? (await error.response?.json())?.error;
  expect(got === code, `expected ${code}, got ${got ?? oneLine(error)}`);
}

function oneLine(error) {
  const cause = error.cause?.message ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`.replaceAll('\n', ' ');
}
