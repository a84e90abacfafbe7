import { expect, test } from "bun:test"
import { FlightSegment, SearchFlightsResponse } from "@airside/protos/airside/flights/v1/flights"
import { withSegments } from "./clients.ts"

const segments = ["QV204", "QV9", "QV7"].map((flightNumber) => FlightSegment.fromPartial({ flightNumber }))

test("offers of the basic view have their flights, and share those that are the same; in the full view nothing changes", () => {
  const response = SearchFlightsResponse.fromPartial({
    slices: [
      { segments, offers: [{ segmentIndexes: [0, 1] }, { segmentIndexes: [2, 1] }] },
      { offers: [{ segments: [{ flightNumber: "QV1" }] }] },
    ],
  })
  const [basic, full] = withSegments(response).slices
  const numbers = basic!.offers.map((offer) => offer.segments.map(({ flightNumber }) => flightNumber))
  expect(numbers).toEqual([
    ["QV204", "QV9"],
    ["QV7", "QV9"],
  ])
  expect(basic!.offers[0]!.segments[1]).toBe(basic!.offers[1]!.segments[1]!)
  expect(full!.offers[0]!.segments[0]!.flightNumber).toBe("QV1")
})
