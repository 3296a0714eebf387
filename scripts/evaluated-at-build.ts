/**
 * Puts the values of what is worked out from the tables of parameters and of lists in its place.
 *
 *   build.ts → evaluatedAtBuild → esbuild, for every module on the way of a request
 *
 * What those modules export are constants and functions without arguments; a program of the executable has their values as
 * text, and nothing of the tables.
 */
import type { Plugin } from 'esbuild'

export const evaluatedAtBuild: Plugin = {
  name: 'evaluated-at-build',
  setup(setup) {
    setup.onLoad(
      {
        filter:
          /\/src\/(?:config\/parameters\/(?:table|known-parameters)|lists\/(?:zone-rules|refusal-texts|secret-zones))\.ts$/,
      },
      async ({ path }) => {
        const values: Readonly<Record<string, unknown>> = await import(path)
        const contents = Object.entries(values).map(([name, value]) =>
          typeof value === 'function'
            ? `export const ${name} = () => (${toLiteral(value())})\n`
            : `export const ${name} = ${toLiteral(value)}\n`,
        )
        return { contents: contents.join('') }
      },
    )
  },
}

/** As JSON; an object without a prototype has none there either. */
function toLiteral(value: unknown): string {
  const json = JSON.stringify(value)
  const isBare = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
  return isBare ? `{__proto__:null,${json.slice(1)}` : json
}
