/**
 * Reports every parameter of a public function or method without a description as an error. Setters are described by their
 * property, callbacks by the option that takes them, and inherited methods by the platform.
 *
 * @param {import('typedoc').Application} application
 * @param {import('typedoc').ProjectReflection} project
 * @param {typeof import('typedoc')} typedoc
 */
export function reportUndocumentedParameters(application, project, { ReflectionKind }) {
  const kinds = ReflectionKind.CallSignature | ReflectionKind.ConstructorSignature;
  for (const reflection of project.getReflectionsByKind(kinds)) {
    const signature = /** @type {import('typedoc').SignatureReflection} */ (reflection);
    const name = signature.getFullName();
    if (signature.parent.kind === ReflectionKind.TypeLiteral || signature.inheritedFrom) continue;
    for (const parameter of signature.parameters ?? []) {
      if (!parameter.hasComment())
        application.logger.error(`The parameter ${parameter.name} of ${name} has no @param.`);
    }
  }
}
