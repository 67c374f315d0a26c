// Plain CommonJS on purpose: the Node that is too old must be able to read it.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`GoModel needs Node 24 and this is ${process.versions.node}: run "npm ci" first (it brings Node 24 for Linux, macOS and Windows), then start through an npm script.`)
  process.exit(1)
}

// What follows is loaded from compiled code where it was compiled before: a faster start and 20 MB less.
require('node:module').enableCompileCache?.()
