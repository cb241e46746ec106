// Shows the contract with Scalar, from this server alone. Stands before Scalar's own script, so that the contract is
// fetched while that is read.
"use strict";

// Zod, inside Scalar, would otherwise try whether it may compile code; the page's policy says no, and notes the attempt.
globalThis.__zod_globalConfig = { jitless: true };

(() => {
  const place = document.getElementById("reference");
  const METHODS = ["get", "post", "put", "patch", "delete"];

  const slug = (words) => words.toLowerCase().replace(/[^a-z0-9]+/g, "-");

  function operations(contract) {
    return Object.values(contract.paths).flatMap((item) => METHODS.map((method) => item[method]).filter(Boolean));
  }

  // Scalar sends every optional parameter that has an example or a default. Here it begins with none of them.
  function withParametersOff(contract) {
    for (const operation of operations(contract)) {
      operation.parameters = (operation.parameters ?? []).map((given) => parameterOff(contract, resolved(contract, given)));
    }
    return contract;
  }

  function resolved(contract, given) {
    if (!given?.$ref) return given ?? {};
    const names = given.$ref.slice(2).split("/");
    return names.reduce((value, name) => value[name.replace(/~1/g, "/").replace(/~0/g, "~")], contract);
  }

  function parameterOff(contract, parameter) {
    const { example, examples, ...rest } = parameter;
    const value = Object.values(examples ?? {})[0]?.value ?? example ?? invented(contract, parameter.schema);
    if (parameter.required || value === undefined) return parameter;
    return { ...rest, examples: { default: { value, "x-disabled": true } } };
  }

  // The value that Scalar would begin with.
  function invented(contract, given) {
    const schema = resolved(contract, given);
    const [choice] = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? [];
    const value = schema.examples?.[0] ?? schema.example ?? schema.default ?? schema.const ?? schema.enum?.[0];
    return value ?? (choice && invented(contract, choice));
  }

  function bearer(contract) {
    const schemes = Object.entries(contract.components?.securitySchemes ?? {});
    return schemes.find(([, scheme]) => scheme.type === "http" && scheme.scheme === "bearer")?.[0];
  }

  // A key that was not typed in is not sent: open resources refuse an empty one.
  function send(input, init) {
    const request = new Request(input, init);
    if (/^bearer\s*$/i.test(request.headers.get("Authorization") ?? "")) request.headers.delete("Authorization");
    return fetch(request);
  }

  function show(contract) {
    place.replaceChildren();
    Scalar.createApiReference(place, {
      content: withParametersOff(contract),
      servers: [{ url: location.origin + place.dataset.root.replace(/\/$/, "") }],
      authentication: { preferredSecurityScheme: bearer(contract) },
      customFetch: send,
      generateTagSlug: (tag) => slug(tag.name),
      generateOperationSlug: (operation) => operation.operationId,
      // Nothing is fetched from, sent to or advertised for anybody else.
      withDefaultFonts: false,
      telemetry: false,
      agent: { disabled: true, hideAddApi: true },
      mcp: { disabled: true },
      hideClientButton: true,
      showDeveloperTools: "never",
      documentDownloadType: "none",
      // The key that a reader types in is forgotten with the page.
      persistAuth: false,
      defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
    });
  }

  function fail(error) {
    const words = `The contract could not be read (${error.message}). It is at `;
    const link = Object.assign(document.createElement("a"), { href: place.dataset.contract, textContent: place.dataset.contract });
    const notice = Object.assign(document.createElement("p"), { className: "notice", textContent: words });
    notice.append(link, ".");
    place.replaceChildren(notice);
  }

  async function contract() {
    const answer = await fetch(place.dataset.contract);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }

  const allScriptsHaveRun = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));

  Promise.all([contract(), allScriptsHaveRun]).then(([found]) => show(found)).catch(fail);
})();
