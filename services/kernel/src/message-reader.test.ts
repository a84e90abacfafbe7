import { expect, test } from "bun:test"
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire"
import fc from "fast-check"
import { MessageReader } from "./message-reader.ts"

test("texts are read as the library reads them, well-formed or not", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from("\ufeffmark")),
  )
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), (all) => {
      const writer = new BinaryWriter()
      for (const text of all) writer.bytes(text)
      const bytes = Buffer.from(writer.finish())
      const [ours, theirs] = [new MessageReader(bytes), new BinaryReader(bytes)]
      expect(all.map(() => ours.string())).toEqual(all.map(() => theirs.string()))
      expect(ours.pos).toBe(theirs.pos)
    }),
  )
})

test("a remembered text is not taken for another one that is remembered in the same place", () => {
  const read = (text: Buffer) => new MessageReader(Buffer.from(new BinaryWriter().bytes(text).finish())).string()
  const bytes = Buffer.from("ѱĖ")
  // Its characters are the bytes of the other text.
  const characters = bytes.toString("latin1")
  expect([read(Buffer.from(characters)), read(bytes), read(Buffer.from(characters))]).toEqual([
    characters,
    "ѱĖ",
    characters,
  ])
  const both = ["Aa", "BB", "Aa", "BB"]
  expect(both.map((text) => read(Buffer.from(text)))).toEqual(both)
})

test("a text that is longer than its message is refused", () => {
  const bytes = Buffer.from(new BinaryWriter().string("Quill Air").finish())
  expect(() => new MessageReader(bytes.subarray(0, 5)).string()).toThrow(RangeError)
})
