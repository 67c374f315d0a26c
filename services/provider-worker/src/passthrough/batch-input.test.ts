import { expect, test } from 'vitest'
import { withRenamedModels } from './batch-input.ts'

const TYPE = 'multipart/form-data; boundary=----x.1'
const bare = (model: string) => model.replace(/^openai\//, '')

function form(fields: Record<string, string | Buffer>): Buffer {
  const parts = Object.entries(fields).map(([name, value]) => {
    const head = name === 'file' ? `name="file"; filename="in.jsonl"\r\nContent-Type: application/jsonl` : `name="${name}"`
    return Buffer.concat([Buffer.from(`------x.1\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')])
  })
  return Buffer.concat([...parts, Buffer.from('------x.1--\r\n')])
}

const renamed = async (body: Buffer, type = TYPE) => Buffer.from(await withRenamedModels(body, type, bare)).toString('latin1')

test('models in the input of a batch lose the name of the instance, all other bytes stay', async () => {
  const line = (model: string) => `{"custom_id": "1",  "body": {"seed": 12345678901234567890, "model" : ${model}, "messages":[{"content":"model: openai/x ünïcode"}]}, "model":"openai/outside"}`
  const lines = (...models: string[]) => models.map(line).join('\n')
  const before = form({ purpose: 'batch', file: `${lines('"openai/gpt-4o"', '"gpt-4o"', String.raw`"openai\/gpt-4o"`, '7')}\r\n\nno json\n{"body":[]}\n{"body":{}}` })
  const after = form({ purpose: 'batch', file: `${lines('"gpt-4o"', '"gpt-4o"', '"gpt-4o"', '7')}\r\n\nno json\n{"body":[]}\n{"body":{}}` })
  expect(await renamed(before)).toBe(after.toString('latin1'))
  expect(await renamed(form({ file: `${line('"openai/gpt-4o"')}\n`, purpose: 'batch' }))).toBe(form({ file: `${line('"gpt-4o"')}\n`, purpose: 'batch' }).toString('latin1'))
})

test('another purpose, another type, another form or none stays byte for byte', async () => {
  const line = '{"body":{"model":"openai/gpt-4o"}}'
  const binary = Buffer.from([0, 255, 13, 10, 45, 45, 200])
  for (const [body, type] of [
    [form({ purpose: 'fine-tune', file: line }), TYPE],
    [form({ purpose: 'batch', other: line }), TYPE],
    [form({ purpose: 'batch', file: line }), 'application/octet-stream'],
    [form({ purpose: 'batch', file: line }), 'multipart/form-data; boundary=another'],
    [form({ purpose: 'batch', file: binary }), TYPE],
    [form({ purpose: 'batch', file: '' }), TYPE],
    [form({ purpose: 'batch', file: line }).subarray(0, -20), TYPE],
    [Buffer.alloc(0), TYPE],
  ] as const) {
    expect(await renamed(body, type)).toBe(body.toString('latin1'))
  }
})

test('a large input is renamed to its last line', async () => {
  const lines = (model: string) => Array.from({ length: 20_000 }, (_, index) => `{"custom_id":"${index}","body":{"model":"${model}","input":"${'x'.repeat(80)}"}}\n`).join('')
  const after = await renamed(form({ purpose: 'batch', file: lines('openai/embed') }))
  expect(after).toBe(form({ purpose: 'batch', file: lines('embed') }).toString('latin1'))
})
