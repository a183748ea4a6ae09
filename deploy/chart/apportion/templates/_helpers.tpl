{{- define "apportion.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "apportion.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "apportion.name" .) }}
{{- end }}

{{- define "apportion.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "apportion.labels" -}}
{{ include "apportion.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Types of the sources of signals, separated by commas. */}}
{{- define "apportion.signalTypes" -}}
{{- $types := list }}
{{- range .Values.signals.sources }}{{ $types = append $types .type }}{{ end }}
{{- join "," $types }}
{{- end }}
