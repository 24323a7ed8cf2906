/**
 * A form, filled in on any screen: JSON Forms for the language and its state, our renderers for what is seen,
 * and the rules of forms/ (Python) repeated word for word, so that nothing is accepted here and refused there.
 */
import "./forms.css";

import { JsonFormsDispatch, JsonFormsStateProvider } from "@jsonforms/react";
import {
  lazy,
  type ReactNode,
  type SubmitEvent,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { whenCalm } from "../calm.ts";
import { scannerReport } from "../scanning/scanner_report.ts";

import type { SendFile } from "./attachments/uploads.ts";
import type { Circumstances } from "./deciding.ts";
import { ErrorSummary } from "./error_summary.tsx";
import { loadScanReader, scanReaderIsLoaded } from "./fields/scan_reader.ts";
import type { FieldError } from "./findings.ts";
import {
  elementId,
  FormFrameContext,
  type ScanNews,
  screenMiddleware,
  type Seen,
  SeenContext,
  useFormFrame,
  useScreen,
  useSeen,
} from "./form_context.tsx";
import { Icon } from "./icons.tsx";
import { noRuleValidator } from "./jsonforms/no_rule_validator.ts";
import { goOnWithEnter } from "./keys.ts";
import { type ClientForm, loadModel } from "./model.ts";
import { RENDERERS } from "./renderers/index.ts";
import { ScanAnswer } from "./scan_answer.tsx";
import { nextScreen, type Screen, withDefaults } from "./screen.ts";
import { loadSecondOpinion } from "./second_opinion.ts";
import { ServerErrorsProvider, useStandingErrors } from "./server_errors.tsx";
import { type Language, loadMessages, speaks } from "./texts.ts";
import { useLeaving } from "./use_leaving.ts";
import { loadScanListening, useScans } from "./use_scans.ts";
import { examine } from "./validation.ts";
import { word } from "./words.ts";

export { sendWaitingFiles } from "./attachments/uploads.ts";
export type { FieldError } from "./findings.ts";
export type { ClientForm } from "./model.ts";
export type { SendFile } from "./attachments/uploads.ts";

export interface FormViewProps {
  readonly form: ClientForm;
  /** What the form begins with: the draft, or nothing. Later changes of it are not followed; give a new `key`. */
  readonly initial: Record<string, unknown>;
  /** Variables of the case that expressions may see; decimals as strings or numbers. */
  readonly context: Record<string, unknown>;
  /** ISO moment that "now" means in expressions. */
  readonly now: string;
  readonly language: Language;
  readonly readOnly?: boolean;
  /** What the server said of the last submission, field by field. */
  readonly serverErrors?: readonly FieldError[];
  /** What was entered, to be kept as a draft; whether it could be submitted as it is. */
  readonly onChange: (data: Record<string, unknown>, valid: boolean) => void;
  /** The record to sign and send: accepted by all rules, computed values in it. */
  readonly onSubmit: (record: Record<string, unknown>) => void;
  /** Id of the <form>; a button outside submits it with its `form` attribute. */
  readonly formId: string;
  /** Sends attachments; without it they wait on the device. */
  readonly uploads?: SendFile;
}

export function FormView(props: FormViewProps): ReactNode {
  const { form, formId, language, initial } = props;
  // What a form needs besides itself: its messages, and the reader of scans where there may be one to read.
  const [readsScans] = useState(() => mayHoldScan(form, initial));
  const [ready, setReady] = useState(() => speaks(language) && (!readsScans || scanReaderIsLoaded()));
  // The language in which the form speaks; a new one is spoken when its messages have come.
  const [spoken, setSpoken] = useState(language);
  useEffect(() => {
    let gone = false;
    const scanning = readsScans ? [loadScanReader(), loadScanListening()] : [];
    void Promise.all([loadMessages(language), ...scanning]).then(() => {
      if (gone) return;
      setSpoken(language);
      setReady(true);
    });
    return () => {
      gone = true;
    };
  }, [readsScans, language]);
  if (!ready) return <form id={formId} aria-busy="true" className="form" />;
  return <OpenForm key={form.hash} {...props} language={spoken} />;
}

function OpenForm(props: FormViewProps): ReactNode {
  const { formId, language, readOnly = false, uploads } = props;
  // The same form may come again as another object (fetched, or restored by the device): what was typed stays.
  const [form] = useState(props.form);
  const [model] = useState(() => loadModel(form));
  const circumstances = useCircumstances(props);
  const [begin] = useState(() => {
    const data = readOnly ? props.initial : withDefaults(model, circumstances(), props.initial);
    return nextScreen(model, circumstances(), data, null);
  });
  const [middleware] = useState(() => screenMiddleware(model, circumstances, begin));
  const { left, leave } = useLeaving();
  const [attempts, setAttempts] = useState(0);
  const [scan, setScan] = useState<ScanNews | null>(null);
  const [camera, setCamera] = useState(false);

  const frame = useMemo(
    () => ({ formId, model, circumstances, uploads, leave }),
    [formId, model, circumstances, uploads, leave],
  );
  const seen = useMemo<Seen>(
    () => ({ language, readOnly, left, attempts, scan, camera }),
    [language, readOnly, left, attempts, scan, camera],
  );
  const initState = useMemo(
    () => ({
      core: {
        data: begin.data,
        schema: form.schema,
        uischema: form.ui,
        ajv: noRuleValidator,
        validationMode: "NoValidation",
      },
      renderers: RENDERERS,
      cells: [],
    }),
    [begin, form],
  );
  return (
    <FormFrameContext value={frame}>
      <SeenContext value={seen}>
        <JsonFormsStateProvider initState={initState} middleware={middleware}>
          <Body
            {...props}
            form={form}
            setScan={setScan}
            setCamera={setCamera}
            attempt={() => {
              setAttempts(attempts + 1);
            }}
          />
        </JsonFormsStateProvider>
      </SeenContext>
    </FormFrameContext>
  );
}

/** The case and the time. Time goes on while a form is open: what was measured just now is not in the future. */
function useCircumstances({ context, now, readOnly = false }: FormViewProps): () => Circumstances {
  const [opened] = useState(() => Date.now());
  const latest = useRef({ context, now });
  useEffect(() => {
    latest.current = { context, now };
  });
  return useCallback(() => {
    const gone = readOnly ? 0 : Math.max(0, Date.now() - opened);
    const at = new Date(Date.parse(latest.current.now) + gone);
    return { context: latest.current.context, now: at.toISOString(), onScreen: true };
  }, [opened, readOnly]);
}

const NO_ERRORS: readonly FieldError[] = [];

interface BodyProps extends FormViewProps {
  readonly attempt: () => void;
  readonly setScan: (news: ScanNews) => void;
  readonly setCamera: (open: boolean) => void;
}

function Body(props: BodyProps): ReactNode {
  const { formId, language, readOnly = false } = props;
  const screen = useScreen();
  const { model, circumstances } = useFormFrame();
  const standing = useStandingErrors(props.serverErrors ?? NO_ERRORS, screen.data, language);
  useScans(props.setScan);
  useReports(screen, props.onChange);
  useFirstScan(formId, screen, readOnly);
  useEffect(() => void loadSecondOpinion(), []);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (readOnly) return;
    props.attempt();
    const { record } = examine(model, screen.data, circumstances());
    if (record !== null) props.onSubmit(structuredClone(record));
  };
  return (
    <ServerErrorsProvider value={standing.byField}>
      <form
        id={formId}
        className="form"
        noValidate
        autoComplete="off"
        onSubmit={submit}
        onKeyDown={goOnWithEnter}
      >
        <ErrorSummary serverErrors={standing.errors} />
        {readOnly ? null : <Camera set={props.setCamera} />}
        <ScanAnswer at={null} />
        <JsonFormsDispatch />
      </form>
    </ServerErrorsProvider>
  );
}

/**
 * Whether a scan may have to be read before any is heard: one is typed into a barcode field, or stands in the data
 * already. A field that only says how another was entered gets a scan from who listens, who brings the reader.
 */
function mayHoldScan(form: ClientForm, data: FormViewProps["initial"]): boolean {
  const schema = JSON.stringify(form.schema);
  if (schema.includes('"x-field":"barcode"')) return true;
  return schema.includes('"x-field":"entry"') && JSON.stringify(data).includes('"raw"');
}

/** Tell what was entered, after each change but not for the form as it opened. */
function useReports(screen: Screen, onChange: FormViewProps["onChange"]): void {
  const first = useRef(screen.data);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    if (screen.data !== first.current) tell.current({ ...screen.data }, screen.outcome.record !== null);
  }, [screen]);
}

/** Opens the camera where labels are read and no scanner has been checked on this device (settings). */
function Camera({ set }: { readonly set: (open: boolean) => void }): ReactNode {
  const { language, camera } = useSeen();
  const { states } = useScreen();
  const [hasScanner] = useState(() => scannerReport() !== null);
  const isAsked = !hasScanner && Array.from(states.values()).some(({ field }) => LABELS.has(field.type.name));
  useEffect(() => {
    if (isAsked)
      void whenCalm()
        .then(keepReader)
        .catch(() => undefined);
  }, [isAsked]);
  if (!isAsked) return null;
  return (
    <div className="form-camera-line">
      <button
        type="button"
        className="button"
        aria-pressed={camera}
        onClick={() => {
          set(!camera);
        }}
      >
        <Icon name="camera" />
        {word(language, camera ? "camera_close" : "camera_open")}
      </button>
      {camera ? (
        <Suspense fallback={null}>
          <CameraPart language={language} />
        </Suspense>
      ) : null}
    </div>
  );
}

async function keepReader(): Promise<void> {
  const { keepCameraReader } = await import("../scanning/camera_ahead.ts");
  await keepCameraReader();
}

const CameraPart = lazy(() => import("./camera_part.tsx"));

const LABELS = new Set(["barcode", "item", "location", "lot", "serial"]);

/** A form that begins with what stands on a label is ready for the scanner as soon as it is open. */
function useFirstScan(formId: string, screen: Screen, readOnly: boolean): void {
  const { states } = screen;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || readOnly) return;
    for (const { key, field, value } of states.values()) {
      // Of those that are shown: a unit that the case says has no place on the screen.
      const input = document.getElementById(elementId(formId, key));
      if (input === null) continue;
      begun.current = true;
      if (LABELS.has(field.type.name) && value === undefined) input.focus({ preventScroll: true });
      return;
    }
  }, [formId, states, readOnly]);
}
