import type { GetPlaceRequest, GetPlaceResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"

/** An airport or a city by its IATA code. Reasons: PLACE_NOT_FOUND. */
export async function getPlace({ places }: CallContext, request: GetPlaceRequest): Promise<GetPlaceResponse> {
  const place = await places.find(request.code)
  if (!place) throw failures.PLACE_NOT_FOUND()
  return { place }
}
