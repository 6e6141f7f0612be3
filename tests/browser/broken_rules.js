async () => {
  const said = node => (node.any[0] || node.all[0] || node.none[0] || {message: ''}).message;
  // WCAG 1.4.3 asks no contrast of what is switched off; axe does not see that a label belongs to such a widget.
  const off = node => {
    const widget = document.querySelector(node.target[0])?.closest('[data-testid="stElementContainer"]');
    return Boolean(widget?.querySelector('[disabled],[aria-disabled="true"],[data-disabled="true"]'));
  };
  const result = await axe.run(document, {resultTypes: ['violations']});
  return result.violations.flatMap(rule => rule.nodes
    .filter(node => rule.id !== 'color-contrast' || !off(node))
    .map(node => [rule.id, node.target.join(' '), said(node)]));
}
