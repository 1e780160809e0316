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
{{/* The ports that the settings name beyond those that are always open, as JSON; more by values. */}}
{{- define "gitopsd.ports" -}}
{{- $settings := .Values.settings -}}
{{- $ports := .Values.networkPolicy.ports | default list -}}
{{- $urls := list (dig "tracing" "endpoint" "" $settings) $settings.albEndpoint $settings.nlbEndpoint -}}
{{- range $settings.repositories }}{{ $urls = append $urls .url }}{{ end -}}
{{- range $settings.sinks -}}
{{- $urls = append $urls (dig "alertmanager" "url" "" .) -}}
{{- $urls = append $urls (dig "webhook" "url" "" .) -}}
{{- $urls = append $urls (dig "issues" "url" "" .) -}}
{{- $urls = append $urls (dig "commitStatus" "url" "" .) -}}
{{- with .email }}{{ $ports = append $ports (.port | default 587) }}{{ end -}}
{{- end -}}
{{- range $urls -}}
{{- $place := regexFind "^([a-z]+://([^/@]*@)?)?[^/@]+" (. | default "") -}}
{{- $port := regexFind ":[0-9]+$" $place | trimPrefix ":" -}}
{{- if $port }}{{ $ports = append $ports $port -}}
{{- else if hasPrefix "http://" $place }}{{ $ports = append $ports 80 }}{{ end -}}
{{- end -}}
{{- $numbers := list -}}
{{- range $ports }}{{ $numbers = append $numbers (int .) }}{{ end -}}
{{- without ($numbers | uniq) 22 443 6443 | toJson -}}
{{- end }}
