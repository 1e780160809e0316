{{- define "gitopsd.selector" -}}
app.kubernetes.io/name: gitopsd
{{- end }}
{{- define "gitopsd.labels" -}}
{{ include "gitopsd.selector" . }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}
{{- /* Names that no other release in the same cluster has. */}}
{{- define "gitopsd.clusterwide" -}}
gitopsd{{ if ne .Release.Namespace "gitopsd-system" }}-{{ .Release.Namespace }}{{ end }}
{{- end }}
{{- define "gitopsd.subject" -}}
- {kind: ServiceAccount, name: gitopsd, namespace: {{ .Release.Namespace | quote }}}
{{- end }}
{{- define "gitopsd.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end }}
