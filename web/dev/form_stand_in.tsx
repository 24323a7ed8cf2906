import { useState } from "react";
export function FormView(props: any) {
  const [data, setData] = useState(props.initial);
  return (
    <form id={props.formId} onSubmit={(e) => { e.preventDefault(); props.onSubmit(data); }}>
      {Object.entries(props.form.schema.properties).map(([k, f]: any) => (
        <div className="field" key={k} style={{ marginBottom: 16 }}>
          <label htmlFor={k}>{f["x-label"]?.[props.language] ?? k}</label>
          <input id={k} className="input" readOnly={props.readOnly} value={data[k] ?? ""} onChange={(e) => { const n = { ...data, [k]: e.target.value }; setData(n); props.onChange(n, true); }} />
        </div>
      ))}
    </form>
  );
}
