// Prints what node-x12 sees in each file named on standard input: one line of JSON a file, or its error.
const fs = require('fs')
const { X12Parser } = require('node-x12')

function seen (path) {
  const text = fs.readFileSync(path, 'latin1').replace(/^\u00ef\u00bb\u00bf/, '')
  const parsed = new X12Parser(false).parse(text)
  const all = parsed.interchanges || [parsed]
  const elements = segment => [segment.tag, ...segment.elements.map(element => element.value)]
  return {
    interchanges: all.map(interchange => ({ groups: interchange.functionalGroups.map(group => group.transactions.length) })),
    sets: all.flatMap(interchange => interchange.functionalGroups).flatMap(group => group.transactions).map(set =>
      [set.header, ...set.segments, set.trailer].filter(segment => segment).map(elements))
  }
}

for (const path of fs.readFileSync(0, 'utf8').split('\n').filter(line => line)) {
  let line
  try { line = seen(path) } catch (error) { line = { error: String(error.message || error).split('\n')[0] } }
  console.log(JSON.stringify(line))
}
