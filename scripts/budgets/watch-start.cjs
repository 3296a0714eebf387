/**
 * Loaded in front of the executable (`node --require`): notes what a start has compiled and loaded until its end.
 *
 *   STARTED_JSON=FILE node --require watch-start.cjs policyd-weight … → FILE: { modules, programs }
 *
 * `modules` is process.moduleLoadList; `programs` what was compiled as a script, with its size and whether a code cache
 * served. The executable may leave without Node's own end, through its native part, so that is watched, too. What the
 * watching itself loads, bare Node has loaded already.
 */
const { writeFileSync } = require('node:fs')
const vm = require('node:vm')

const programs = []

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options)
    const isCached = options.cachedData !== undefined && !this.cachedDataRejected
    programs.push({ name: options.filename, bytes: text.length, isCached })
  }
}

function note() {
  const modules = [...process.moduleLoadList]
  writeFileSync(process.env.STARTED_JSON, JSON.stringify({ modules, programs }))
}

const { dlopen } = process
process.dlopen = (module, ...rest) => {
  dlopen.call(process, module, ...rest)
  const { leave } = module.exports
  if (leave === undefined) return
  module.exports = {
    ...module.exports,
    leave: status => {
      note()
      leave(status)
    },
  }
}
process.on('exit', note)
