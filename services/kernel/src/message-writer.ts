import { BinaryWriter } from "@bufbuild/protobuf/wire"

const writer = new BinaryWriter()

/**
 * A message's bytes: `writeMessage(SearchFlightsResponse, response)`. For large messages that are sent often: all are
 * written into one buffer, where the library makes one for each, of 128 bytes, and another of twice the size whenever it
 * is full.
 */
export function writeMessage<Message>(
  type: { encode(message: Message, writer: BinaryWriter): BinaryWriter },
  message: Message,
): Buffer {
  // What a message that could not be written has left there.
  writer.finish()
  return Buffer.from(type.encode(message, writer).finish().buffer)
}
