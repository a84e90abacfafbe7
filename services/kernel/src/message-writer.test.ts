import { expect, test } from "bun:test"
import { Status } from "@airside/protos/google/rpc/status"
import { writeMessage } from "./message-writer.ts"

const status = Status.fromPartial({
  code: 3,
  message: "no such day",
  details: [{ typeUrl: "airside", value: Buffer.from("x") }],
})

test("a message is written as the library writes it, whatever was written before", () => {
  const long = { ...status, message: "x".repeat(100_000) }
  for (const message of [status, long, status]) {
    expect(new Uint8Array(writeMessage(Status, message))).toEqual(Status.encode(message).finish())
  }
})

test("what was written stays as it is when something else is", () => {
  const bytes = writeMessage(Status, status)
  writeMessage(Status, { ...status, message: "no such place" })
  expect(Status.decode(bytes)).toEqual(status)
})

test("a message that cannot be written leaves nothing in the next one", () => {
  expect(() => writeMessage(Status, { ...status, code: Number.NaN })).toThrow()
  expect(Status.decode(writeMessage(Status, status))).toEqual(status)
})
