import type { VerifyReport } from "@apportion/solver";
import type { VerifyFinding, VerifyResponse } from "../../gen/apportion/v1/placement.ts";
import { certificateMethods } from "./enums.ts";

/** What the checker found, as a message. */
export function verifyResponse(report: VerifyReport): VerifyResponse {
  return {
    ok: report.ok,
    findings: report.findings.map(
      ({ subject, message, expected, actual }): VerifyFinding => ({
        subject,
        message,
        expected:
          typeof expected === "number"
            ? { $case: "expectedNumber", value: expected }
            : { $case: "expectedText", value: expected },
        actual:
          typeof actual === "number"
            ? { $case: "actualNumber", value: actual }
            : { $case: "actualText", value: actual },
      }),
    ),
    bounds: report.bounds.map((bound) => ({ ...bound, method: certificateMethods.toMessage(bound.method) })),
  };
}
