/** One word above the work: whether one may go where there is no network. Only on an enrolled device. */
import "./ready_word.css";

import { type ReactNode, useEffect, useState } from "react";
import { Link } from "wouter";

import { Icon } from "../../design/icons.tsx";
import { leaseHolds } from "../../device/enrolment.ts";
import { type DeviceRow, readCredentials, readDevice } from "../../device/store.ts";
import { useTextIn } from "../../i18n/index.tsx";
import { useTaken } from "../../pack/use_pack.ts";
import { READY } from "../../pack/words.ts";
import { usePerson } from "../../session/signed_in.tsx";

interface Own {
  readonly device: DeviceRow;
  readonly signs: boolean;
}

export function ReadyWord(): ReactNode {
  const textIn = useTextIn();
  const { user } = usePerson();
  const taken = useTaken(user.username);
  const [own, setOwn] = useState<Own | null>(null);
  useEffect(() => {
    let gone = false;
    void Promise.all([readDevice(), readCredentials(user.username)])
      .then(([device, credentials]) => {
        if (!gone && device !== null) setOwn({ device, signs: credentials.length > 0 });
      })
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [user.username]);
  if (own === null || taken === null) return null;
  const ready =
    own.device.state === "enrolled" &&
    own.signs &&
    leaseHolds(own.device.leases[user.username]) &&
    taken.refusal === null &&
    taken.formless.length === 0;
  return (
    <Link href="/device" className="ready-word small" data-ready={ready}>
      <Icon name={ready ? "check" : "alert"} />
      {textIn(ready ? READY.ready : READY.not_ready)}
    </Link>
  );
}
