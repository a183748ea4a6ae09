import type { QueueingProfile, TokenMix } from "../../snapshot/profile.ts";
import { serviceModelD1 } from "./dialect-d1.ts";
import { serviceModelD2 } from "./dialect-d2.ts";
import { serviceModelD3 } from "./dialect-d3.ts";
import type { ServiceModel } from "./service-times.ts";

/** The formulas of the dialect that the profile is written in. */
export function serviceModel(profile: QueueingProfile, mix: TokenMix): ServiceModel {
  switch (profile.dialect) {
    case "D1":
      return serviceModelD1(profile, mix);
    case "D2":
      return serviceModelD2(profile, mix);
    case "D3":
      return serviceModelD3(profile, mix);
  }
}
